import type { Logger } from 'pino';
import { isOutage } from '../errors.js';

/** Past so many the sweep alone finds the work again. */
const MAX_OWED = 10_000;
const RETRY_MS = 500;

/** Adds jobs without making their callers wait for a store that does not answer: those that are not added in time are owed. */
export class OwedJobs {
  private readonly owed = new Map<string, () => Promise<unknown>>();
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(
    private readonly patienceMs: number,
    private readonly log: Logger,
  ) {}

  get size(): number {
    return this.owed.size;
  }

  /** Resolves once the job is added, or is owed. `key` names the job; adding it twice must do no harm. */
  async add(key: string, send: () => Promise<unknown>): Promise<void> {
    const isLate = Symbol();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<symbol>((resolve) => {
      timer = setTimeout(() => resolve(isLate), this.patienceMs);
    });
    const sending = send();
    sending.catch(() => undefined); // heard below, where it is not too late
    try {
      if ((await Promise.race([sending, late])) === isLate) this.owe(key, send);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.owe(key, send);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private owe(key: string, send: () => Promise<unknown>): void {
    if (this.owed.size >= MAX_OWED && !this.owed.has(key)) return;
    this.owed.set(key, send);
    this.timer ??= setTimeout(() => void this.settle(), RETRY_MS).unref();
  }

  private async settle(): Promise<void> {
    try {
      for (const [key, send] of [...this.owed]) {
        await send();
        this.owed.delete(key);
      }
    } catch (err) {
      if (!isOutage(err)) this.log.error({ err }, 'job not added; the sweep finds its work');
    }
    this.timer = null;
    if (this.owed.size > 0 && !this.isClosed) this.timer = setTimeout(() => void this.settle(), RETRY_MS).unref();
  }
}
