import { TooManyOperationsError } from '../errors.js';

/** Those of one tenant that may wait for a turn. */
const MAX_WAITING = 100;

/**
 * For work that cannot be interrupted: parsing and validating a new document, parsing a large body. One turn is taken at a
 * time, by one tenant after the other, and after each comes a pause as long as the turn was, so that half of the time is
 * left to everything else, health first.
 */
export class FairTurns {
  /** By tenant, whose turn is next first. */
  private readonly waiting = new Map<string, (() => void)[]>();
  private isTaken = false;

  /**
   * Resolves when the caller may work; its turn ends with the present turn of the event loop, so it must not wait before
   * it works. Throws TooManyOperationsError if too many of the tenant's wait already.
   */
  async take(tenantId: string): Promise<void> {
    if (!this.isTaken) {
      this.begin();
      return;
    }
    const ahead = this.waiting.get(tenantId) ?? [];
    if (ahead.length >= MAX_WAITING) throw new TooManyOperationsError(1);
    this.waiting.set(tenantId, ahead);
    await new Promise<void>((resolve) => ahead.push(resolve));
  }

  private begin(): void {
    this.isTaken = true;
    const startedAt = performance.now();
    setImmediate(() => setTimeout(() => this.next(), performance.now() - startedAt));
  }

  private next(): void {
    this.isTaken = false;
    for (const [tenantId, ahead] of this.waiting) {
      const start = ahead.shift();
      this.waiting.delete(tenantId);
      if (ahead.length > 0) this.waiting.set(tenantId, ahead);
      if (start === undefined) continue;
      this.begin();
      start();
      return;
    }
  }
}
