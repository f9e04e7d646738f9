/** Rows that the windows of all streams of a process may hold together, in bytes. */
export const MAX_WINDOW_BYTES = { stream: 4_000_000, process: 64_000_000 };

/** What the windows of one process hold. */
export class WindowBudget {
  private bytes = 0;

  constructor(readonly limits = MAX_WINDOW_BYTES) {}

  /** How much of its rows a stream keeps when it drops the oldest: nothing if there is too much in all windows. */
  get keptBytes(): number {
    return this.bytes > this.limits.process ? 0 : this.limits.stream;
  }

  /** Whether a stream that holds so much is to drop its oldest rows. */
  isExceededBy(streamBytes: number): boolean {
    return streamBytes > 2 * this.limits.stream || this.bytes > this.limits.process;
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }
}
