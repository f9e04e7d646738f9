import { TooManyOperationsError } from '../errors.js';

export interface FairQueueLimits {
  /** Operations that a tenant may have running. */
  readonly runningPerTenant: number;
  /** What those may cost together; one that costs more runs alone. */
  readonly costPerTenant: number;
  /** What all tenants' operations may cost together. */
  readonly cost: number;
  readonly waitingPerTenant: number;
}

/** Ends what a place in the queue was taken for. */
export type Leave = () => void;

interface Waiting {
  readonly cost: number;
  readonly start: (leave: Leave) => void;
}

interface Tenant {
  readonly id: string;
  running: number;
  cost: number;
  readonly waiting: Waiting[];
}

/**
 * Which operation runs next. Each tenant runs a few at once and the rest wait in order; tenants that wait take turns,
 * however much each has waiting. An operation counts as much as it costs, so that many cheap ones run beside each other.
 */
export class FairQueue {
  /** Those with something running or waiting, whose turn is next first. */
  private readonly tenants = new Map<string, Tenant>();
  private cost = 0;

  constructor(private readonly limits: FairQueueLimits) {}

  /** Whether other tenants have something running or waiting. */
  hasOthersThan(tenantId: string): boolean {
    return this.tenants.size > (this.tenants.has(tenantId) ? 1 : 0);
  }

  get waiting(): number {
    let count = 0;
    for (const tenant of this.tenants.values()) count += tenant.waiting.length;
    return count;
  }

  get running(): number {
    let count = 0;
    for (const tenant of this.tenants.values()) count += tenant.running;
    return count;
  }

  /**
   * Resolves once the operation may run; its `Leave` is called when it has ended. Null: it gave up waiting, by the
   * function that `onWait` was given. Throws TooManyOperationsError if too many of the tenant's wait already.
   */
  async enter(tenantId: string, cost: number, onWait: (giveUp: () => void) => void): Promise<Leave | null> {
    const tenant = this.tenantOf(tenantId);
    if (this.startsNow(tenant, cost)) return this.start(tenant, cost);
    if (tenant.waiting.length >= this.limits.waitingPerTenant) throw new TooManyOperationsError(1);
    return new Promise<Leave | null>((resolve) => {
      const waiting: Waiting = { cost, start: resolve };
      tenant.waiting.push(waiting);
      onWait(() => {
        const place = tenant.waiting.indexOf(waiting);
        if (place < 0) return;
        tenant.waiting.splice(place, 1);
        this.forget(tenant);
        resolve(null);
        this.startNext();
      });
    });
  }

  /** As `enter`, however many wait. */
  async enterAlways(tenantId: string, cost: number): Promise<Leave> {
    const tenant = this.tenantOf(tenantId);
    if (this.startsNow(tenant, cost)) return this.start(tenant, cost);
    return new Promise((start) => tenant.waiting.push({ cost, start }));
  }

  private tenantOf(id: string): Tenant {
    const tenant = this.tenants.get(id) ?? { id, running: 0, cost: 0, waiting: [] };
    this.tenants.set(id, tenant);
    return tenant;
  }

  /** Nobody is overtaken who could run now. */
  private startsNow(tenant: Tenant, cost: number): boolean {
    return tenant.waiting.length === 0 && this.hasRoom(tenant, cost);
  }

  private hasRoom(tenant: Tenant, cost: number): boolean {
    return this.tenantHasRoom(tenant, cost) && (this.cost === 0 || this.cost + cost <= this.limits.cost);
  }

  private tenantHasRoom(tenant: Tenant, cost: number): boolean {
    if (tenant.running === 0) return true;
    return tenant.running < this.limits.runningPerTenant && tenant.cost + cost <= this.limits.costPerTenant;
  }

  private start(tenant: Tenant, cost: number): Leave {
    tenant.running += 1;
    tenant.cost += cost;
    this.cost += cost;
    return () => {
      tenant.running -= 1;
      tenant.cost -= cost;
      this.cost -= cost;
      this.forget(tenant);
      this.startNext();
    };
  }

  /** One of each tenant in turn, until nobody's next has room. */
  private startNext(): void {
    let hasStarted = true;
    while (hasStarted) {
      hasStarted = false;
      for (const tenant of [...this.tenants.values()]) {
        const [next] = tenant.waiting;
        if (next === undefined || !this.tenantHasRoom(tenant, next.cost)) continue;
        // The first in turn is not overtaken by others' smaller ones.
        if (!this.hasRoom(tenant, next.cost)) return;
        tenant.waiting.shift();
        this.tenants.delete(tenant.id);
        this.tenants.set(tenant.id, tenant);
        next.start(this.start(tenant, next.cost));
        hasStarted = true;
      }
    }
  }

  private forget(tenant: Tenant): void {
    if (tenant.running === 0 && tenant.waiting.length === 0) this.tenants.delete(tenant.id);
  }
}
