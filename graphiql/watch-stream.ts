import type { ExecutionResult } from 'graphql';
import type { Sink } from 'graphql-ws';

/** A long stream shows its newest events. */
const SHOWN = 100;
const REDRAW_MS = 100;

/** What each close code means to the person in front of the page. */
const CLOSE_CODES: Readonly<Record<number, string>> = {
  1000: 'the server closed the connection',
  1001: 'the server is going away; run it again once it is back',
  1006: 'the connection was lost, or never came about',
  4400: 'the server could not read the message',
  4401: 'no token, or one that the server does not accept: set one in the bar above, then run it again',
  4403: 'forbidden, or the token has expired: set a fresh one in the bar above, then run it again',
  4429: 'too many connections or operations from here',
};

/** What the response pane shows of a stream. */
export interface Shown {
  /** How it stands: live, stopped, or ended and why. */
  readonly stream: string;
  /** Newest first. */
  readonly events: readonly unknown[];
}

export interface Observer {
  next(shown: Shown): void;
  complete(): void;
}

/** Shows a stream as it grows, redrawn ten times a second at most, and says how it ended. `open` returns how to close it. */
export function watchStream(open: (sink: Sink<ExecutionResult>) => () => void) {
  return {
    subscribe(observer: Observer) {
      let events: unknown[] = [];
      let count = 0;
      let over = false;
      let redraw: ReturnType<typeof setTimeout> | undefined;

      const show = (state: string) => {
        clearTimeout(redraw);
        redraw = undefined;
        observer.next({ stream: state, events });
      };
      const end = (how: string) => {
        if (over) return;
        over = true;
        show(`${how} (${counted(count)})`);
        observer.complete();
      };

      const close = open({
        next(result) {
          if (over) return;
          count++;
          events = [result.errors ? result : result.data, ...events].slice(0, SHOWN);
          redraw ??= setTimeout(() => show(`live, ${counted(count)}, newest first`), REDRAW_MS);
        },
        error: (error) => end(`ended: ${explain(error)}`),
        complete: () => end('completed by the server'),
      });
      if (!over) show('live, waiting for the first event');
      return {
        unsubscribe() {
          end('stopped by you');
          close();
        },
      };
    },
  };
}

/** A list of GraphQL errors, the event of a closed socket, or an Error. */
export function explain(error: unknown): string {
  if (Array.isArray(error)) return error.map((each: { message: string }) => each.message).join('; ');
  if (error instanceof Error) return error.message;
  const { code, reason } = (error ?? {}) as { code?: number; reason?: string };
  if (code === undefined) return String(error);
  const said = reason ? `${code} ${reason}` : `${code}`;
  return CLOSE_CODES[code] ? `${said}: ${CLOSE_CODES[code]}` : said;
}

function counted(events: number): string {
  return events === 1 ? '1 event' : `${events} events`;
}
