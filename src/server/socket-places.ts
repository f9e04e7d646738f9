/** Sockets that may be open before they authenticate: of one address, and of all addresses. */
const MAX_ANONYMOUS_OF_ADDRESS = 100;
const MAX_ANONYMOUS = 2_000;

/** Counts by key; a key that is at zero is forgotten. */
class Counts {
  private readonly byKey = new Map<string, number>();
  get(key: string): number {
    return this.byKey.get(key) ?? 0;
  }
  add(key: string, change: 1 | -1): void {
    const count = this.get(key) + change;
    if (count > 0) this.byKey.set(key, count);
    else this.byKey.delete(key);
  }
}

/** A socket's place among those of its address, then among those of its tenant. */
export interface SocketPlace {
  /** False: the tenant has as many as it may have. */
  moveTo(tenantId: string): boolean;
  leave(): void;
}

/** How many sockets there may be in this process. */
export class SocketPlaces {
  private readonly byAddress = new Counts();
  private readonly byTenant = new Counts();
  private anonymous = 0;

  constructor(private readonly perTenant: number) {}

  hasRoomFor(address: string): boolean {
    return this.anonymous < MAX_ANONYMOUS && this.byAddress.get(address) < MAX_ANONYMOUS_OF_ADDRESS;
  }

  enter(address: string): SocketPlace {
    this.anonymous += 1;
    this.byAddress.add(address, 1);
    const leaveAnonymous = () => {
      this.anonymous -= 1;
      this.byAddress.add(address, -1);
    };
    let leave = leaveAnonymous;
    return {
      moveTo: (tenantId) => {
        if (this.byTenant.get(tenantId) >= this.perTenant) return false;
        leave();
        this.byTenant.add(tenantId, 1);
        leave = () => this.byTenant.add(tenantId, -1);
        return true;
      },
      leave: () => {
        leave();
        leave = () => {};
      },
    };
  }
}
