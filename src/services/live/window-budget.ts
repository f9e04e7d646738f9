/** The limits of one stream's window and of all windows of a process, in bytes of rows. */
export const MAX_WINDOW_BYTES = { stream: 4_000_000, process: 64_000_000 };

/** Counts the bytes in the windows of one process. */
export class WindowBudget {
  private bytes = 0;

  constructor(readonly limits = MAX_WINDOW_BYTES) {}

  /** The bytes that remain in a window that drops its oldest rows: none if all windows together exceed the limit. */
  get keptBytes(): number {
    return this.bytes > this.limits.process ? 0 : this.limits.stream;
  }

  /** Whether a stream whose window has so many bytes must drop its oldest rows. */
  isExceededBy(streamBytes: number): boolean {
    return streamBytes > 2 * this.limits.stream || this.bytes > this.limits.process;
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }
}
