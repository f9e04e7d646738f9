import type { Logger } from 'pino';
import { estimateBytes } from '../../core/text/estimate-bytes.js';
import type { Wakes } from './wakes.js';
import { WindowBudget } from './window-budget.js';

export interface StreamEntry<Row, Position> {
  readonly position: Position;
  readonly row: Row;
}

export interface StreamPage<Row, Position> {
  readonly entries: readonly StreamEntry<Row, Position>[];
  /** Committed rows are behind a transaction that is still open: read again soon, since no wake will announce them. */
  readonly held: boolean;
}

/** The present head of a stream. Some rows after `position` may be past already: `isPast` decides. */
export interface StreamHead<Position> {
  readonly position: Position;
  isPast(position: Position): boolean;
}

/** A durable, ordered sequence of rows. Positions only ever grow. */
export interface StreamSource<Row, Position> {
  /** The topic of the wakes that announce new rows. */
  readonly topic: string;
  /** A position before all rows that are still to come. */
  head(): Promise<StreamHead<Position>>;
  /** The final rows after `position`, oldest first, at most `limit`: no earlier row can appear any more. */
  readAfter(position: Position, limit: number): Promise<StreamPage<Row, Position>>;
  compare(a: Position, b: Position): number;
}

const PAGE_SIZE = 500;
/** Entries in the shared window; a subscriber that is further behind reads the rows itself. */
const WINDOW_SIZE = 4_000;
const POLL_MS = 1_000;
const HELD_MS = { first: 4, max: 250 };
const RETRY_MS = 500;

/**
 * One reader of one stream in this process, for any number of subscribers. It reads only while there are subscribers. Each
 * subscriber gets every entry after its position exactly once, in order: from the shared window, or from the rows at its
 * own pace if it falls behind. Nothing else is buffered and nothing is dropped.
 */
export class LiveStream<Row, Position> {
  private window: StreamEntry<Row, Position>[] = [];
  /** Bytes of each entry of the window. */
  private sizes: number[] = [];
  private windowBytes = 0;
  /** Every entry after this position and up to `tail` is in the window; null without subscribers. */
  private base: Position | null = null;
  private tail: Position | null = null;
  private starting: Promise<void> | null = null;
  private readonly waiting = new Set<() => void>();
  private subscribers = 0;
  private stopListening: (() => void) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private reading = false;
  private readAgain = false;
  private heldMs = HELD_MS.first;

  constructor(
    private readonly source: StreamSource<Row, Position>,
    private readonly wakes: Pick<Wakes, 'onWake'>,
    private readonly log: Logger,
    private readonly onIdle: () => void = () => {},
    private readonly budget: WindowBudget = new WindowBudget(),
  ) {}

  /** Everything after `position`, then live until `signal` aborts; null: live only. */
  async *follow(position: Position | null, signal: AbortSignal): AsyncGenerator<StreamEntry<Row, Position>, void> {
    this.subscribers += 1;
    try {
      await this.start();
      const head = position === null ? await this.source.head() : null;
      let at = position ?? (head as StreamHead<Position>).position;
      while (!signal.aborted) {
        const base = this.base as Position;
        const isInWindow = this.source.compare(at, base) >= 0;
        const page = isInWindow ? this.fromWindow(at) : (await this.source.readAfter(at, PAGE_SIZE)).entries;
        for (const entry of page) {
          if (signal.aborted) return;
          if (!head?.isPast(entry.position)) yield entry;
          at = entry.position;
        }
        if (!isInWindow) {
          // A short page that was read after `base` was final has all rows up to it: continue in the window.
          if (page.length < PAGE_SIZE && this.source.compare(at, base) < 0) at = base;
        } else if (page.length === 0 && !this.hasAfter(at)) {
          await this.untilMore(signal);
        }
      }
    } finally {
      this.subscribers -= 1;
      if (this.subscribers === 0) this.stop();
    }
  }

  private start(): Promise<void> {
    this.starting ??= this.source.head().then(
      (head) => {
        this.base = head.position;
        this.tail = head.position;
        this.stopListening = this.wakes.onWake(this.source.topic, () => void this.read());
        // Rows that were committed behind an open transaction may be final already, and no wake announces them.
        this.schedule(0);
      },
      (error) => {
        this.starting = null;
        throw error;
      },
    );
    return this.starting;
  }

  private stop(): void {
    this.stopListening?.();
    this.stopListening = null;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.starting = null;
    this.drop(this.window.length);
    this.base = null;
    this.tail = null;
    this.onIdle();
  }

  private hasAfter(at: Position): boolean {
    const last = this.window.at(-1);
    return last !== undefined && this.source.compare(last.position, at) > 0;
  }

  private fromWindow(at: Position): readonly StreamEntry<Row, Position>[] {
    let low = 0;
    let high = this.window.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.window[middle] as StreamEntry<Row, Position>;
      if (this.source.compare(entry.position, at) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.window.slice(low, low + PAGE_SIZE);
  }

  private untilMore(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  private schedule(ms: number): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), ms);
  }

  private async read(): Promise<void> {
    if (this.reading) {
      this.readAgain = true;
      return;
    }
    this.reading = true;
    let nextMs = POLL_MS;
    try {
      do {
        this.readAgain = false;
        nextMs = await this.readToEnd();
      } while (this.readAgain);
    } catch (err) {
      this.log.warn({ err, topic: this.source.topic }, 'live stream could not be read; trying again');
      nextMs = RETRY_MS;
    } finally {
      this.reading = false;
      if (this.tail !== null) this.schedule(nextMs);
    }
  }

  /** Returns the delay until the next read, in milliseconds. */
  private async readToEnd(): Promise<number> {
    for (;;) {
      const from = this.tail;
      if (from === null) return POLL_MS;
      const { entries, held } = await this.source.readAfter(from, PAGE_SIZE);
      if (this.tail !== from) return POLL_MS;
      this.append(entries);
      if (entries.length > 0) this.heldMs = HELD_MS.first;
      if (entries.length === PAGE_SIZE) continue;
      if (!held) return POLL_MS;
      this.heldMs = Math.min(this.heldMs * 2, HELD_MS.max);
      return this.heldMs;
    }
  }

  private append(entries: readonly StreamEntry<Row, Position>[]): void {
    const last = entries.at(-1);
    if (!last) return;
    for (const entry of entries) {
      const bytes = estimateBytes(entry.row);
      this.window.push(entry);
      this.sizes.push(bytes);
      this.windowBytes += bytes;
      this.budget.add(bytes);
    }
    this.tail = last.position;
    if (this.window.length > WINDOW_SIZE * 2 || this.budget.isExceededBy(this.windowBytes)) this.base = this.shrink();
    for (const done of [...this.waiting]) done();
  }

  /** Drops the oldest entries, all if memory is short: subscribers read them from the rows. Returns the new base. */
  private shrink(): Position {
    let count = Math.max(0, this.window.length - WINDOW_SIZE);
    let left = this.windowBytes - sum(this.sizes.slice(0, count));
    const { keptBytes } = this.budget;
    while (left > keptBytes && count < this.window.length) {
      left -= this.sizes[count] as number;
      count += 1;
    }
    const { position } = this.window[count - 1] as StreamEntry<Row, Position>;
    this.drop(count);
    return position;
  }

  private drop(count: number): void {
    this.window.splice(0, count);
    const bytes = sum(this.sizes.splice(0, count));
    this.windowBytes -= bytes;
    this.budget.add(-bytes);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
