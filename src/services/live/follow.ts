import type { LiveStream, StreamEntry } from './live-stream.js';

export interface FollowOptions<Row, Position, Event> {
  /** Null: live only. */
  readonly after: Position | null;
  /** The event that the subscriber gets for an entry; null: none. */
  readonly toEvent: (entry: StreamEntry<Row, Position>) => Event | null;
  /** Whether the stream ends after this entry. */
  readonly isLast?: (entry: StreamEntry<Row, Position>) => boolean | Promise<boolean>;
}

/** A subscriber's iterator over a live stream. `return` ends it even while it waits for the next entry. */
export function follow<Row, Position, Event>(
  stream: LiveStream<Row, Position>,
  { after, toEvent, isLast }: FollowOptions<Row, Position, Event>,
): AsyncIterableIterator<Event> {
  const ending = new AbortController();
  async function* events(): AsyncGenerator<Event, void> {
    for await (const entry of stream.follow(after, ending.signal)) {
      const event = toEvent(entry);
      if (event !== null) yield event;
      if (await isLast?.(entry)) return;
    }
  }
  const iterator = events();
  return {
    next: () => iterator.next(),
    return: () => {
      ending.abort();
      return iterator.return();
    },
    throw: (error) => {
      ending.abort();
      return iterator.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
