/**
 * Lets one piece of work begin in each round of the event loop, in the order in which they came. Whatever arrives at
 * once, by however many sockets, other requests are read and answered in between. It rejects nothing and takes no
 * notice of tenants, for work of a millisecond or two; what may take longer waits for `FairTurns`.
 */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private isScheduled = false;

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled || this.waiting.length === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.waiting.shift()?.();
      this.schedule();
    });
  }
}
