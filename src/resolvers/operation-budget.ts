import type { DomainError } from '../errors.js';
import { QueryTooComplexError } from '../errors.js';

/** Values in one answer: objects and their fields. */
export const MAX_VALUES = 60_000;
/** Values that are put together before other requests get a turn. */
const VALUES_A_TURN = 1_000;
/** The pause after them if other tenants have something running. */
const PAUSE_MS = 2;
/** Statements that one operation may have under way, so that those of others are not behind hundreds of them. */
const MAX_STATEMENTS = 4;

/**
 * What one operation has used, and whether it may go on. An operation that has been aborted sends no further statement
 * and puts no further list together.
 */
export class OperationBudget {
  private values = 0;
  private turnEndsAt = VALUES_A_TURN;
  private statements = 0;
  private readonly waiting: { start: () => void; reject: (error: Error) => void }[] = [];
  private readonly listeners: ((reason: DomainError) => void)[] = [];
  private reason: DomainError | null = null;

  /** `hasCompany`: whether other tenants have something running. */
  constructor(private readonly hasCompany: () => boolean = () => false) {}

  get aborted(): DomainError | null {
    return this.reason;
  }

  abort(reason: DomainError): void {
    if (this.reason !== null) return;
    this.reason = reason;
    for (const { reject } of this.waiting.splice(0)) reject(reason);
    for (const listener of this.listeners.splice(0)) listener(reason);
  }

  /** Calls the listener once the operation is aborted: at once if it has been already. */
  onAbort(listener: (reason: DomainError) => void): void {
    if (this.reason === null) this.listeners.push(listener);
    else listener(this.reason);
  }

  /** Counts values before they are put together; false: they are too many, and the operation is aborted. */
  count(values: number): boolean {
    this.values += values;
    if (this.values > MAX_VALUES) {
      this.abort(new QueryTooComplexError(`The answer holds more than ${MAX_VALUES} values; ask for less at once.`));
    }
    return this.reason === null;
  }

  /** What to wait for before more is put together, so that others get a turn; null: nothing yet. */
  endTurn(): Promise<void> | null {
    if (this.values < this.turnEndsAt) return null;
    this.turnEndsAt = this.values + VALUES_A_TURN;
    if (!this.hasCompany()) return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }

  /** Sends a statement once few enough are under way. Rejects with the reason once the operation is aborted. */
  async run<T>(send: () => Promise<T>): Promise<T> {
    if (this.reason !== null) throw this.reason;
    if (this.statements >= MAX_STATEMENTS) {
      await new Promise<void>((start, reject) => this.waiting.push({ start, reject }));
    } else {
      this.statements += 1;
    }
    try {
      return await send();
    } finally {
      const next = this.waiting.shift();
      if (next) next.start();
      else this.statements -= 1;
    }
  }
}
