import type { Logger } from 'pino';
import { LiveStream, type StreamSource } from './live-stream.js';
import type { Wakes } from './wakes.js';
import { WindowBudget } from './window-budget.js';

/** The live streams of this process, one reader each, and the wakes that trigger their reads. */
export class LiveStreams {
  private readonly windows = new WindowBudget();
  private readonly open = new Map<string, LiveStream<unknown, unknown>>();

  constructor(
    private readonly wakes: Wakes,
    private readonly log: Logger,
  ) {}

  /** Call it after a commit that added rows to a stream of this topic. */
  wake(topic: string): void {
    this.wakes.wake(topic);
  }

  /** Calls `listener` after a wake of that topic, in this process or another. */
  onWake(topic: string, listener: () => void): () => void {
    return this.wakes.onWake(topic, listener);
  }

  /** The one reader of the stream `key`; created if nothing in this process follows the stream yet. */
  stream<Row, Position>(key: string, source: () => StreamSource<Row, Position>): LiveStream<Row, Position> {
    const known = this.open.get(key) as LiveStream<Row, Position> | undefined;
    if (known) return known;
    const forget = () => {
      if (this.open.get(key) === (made as LiveStream<unknown, unknown>)) this.open.delete(key);
    };
    const made: LiveStream<Row, Position> = new LiveStream(source(), this.wakes, this.log, forget, this.windows);
    this.open.set(key, made as LiveStream<unknown, unknown>);
    return made;
  }
}
