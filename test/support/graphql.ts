import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { TypedDocument } from './typed-document.js';

export interface GraphqlError {
  readonly message: string;
  readonly path?: (string | number)[];
  readonly extensions: {
    readonly code?: string;
    /** Of BAD_USER_INPUT: each invalid field. */
    readonly fields?: readonly { readonly path: string; readonly message: string }[];
    readonly [name: string]: unknown;
  };
}

export interface GraphqlAnswer<Data = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly data?: Data | null; readonly errors?: readonly GraphqlError[] };
}

/** Sends one operation over HTTP. */
export function postGraphql<Data, Variables extends object>(
  url: string,
  document: TypedDocument<Data, Variables>,
  variables?: NoInfer<Variables>,
  token?: string,
): Promise<GraphqlAnswer<Data>> {
  return postRaw(url, document.source, variables, token) as Promise<GraphqlAnswer<Data>>;
}

/** Sends a document that need not be valid, with variables of any shape. */
export async function postRaw(url: string, query: string, variables?: object, token?: string): Promise<GraphqlAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as GraphqlAnswer['body'] };
}

export interface Followed<Event> extends AsyncIterableIterator<Event> {
  /** The next `count` events. */
  take(count: number): Promise<Event[]>;
  /** Every event up to and with the first for which `isLast` holds. */
  until(isLast: (event: Event) => boolean): Promise<Event[]>;
  close(): Promise<void>;
}

/** The one root field of a subscription's data. */
type EventOf<Data> = Data extends object ? Data[keyof Data] : never;

/** A live GraphQL subscription over a socket of its own; yields each `next`'s data, throws its errors. */
export function subscribe<Data, Variables extends Record<string, unknown>>(
  url: string,
  token: string,
  document: TypedDocument<Data, Variables>,
  variables?: Variables,
): Followed<EventOf<Data>>;
export function subscribe<Data>(
  url: string,
  token: string,
  document: TypedDocument<Data, never>,
  variables: Record<string, unknown> = {},
): Followed<EventOf<Data>> {
  return subscribeRaw(url, token, document.source, variables);
}

/** The same for a document that need not be valid. */
export function subscribeRaw<Event = unknown>(
  url: string,
  token: string,
  query: string,
  variables: Record<string, unknown> = {},
): Followed<Event> {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const results = client.iterate<Record<string, Event>>({ query, variables });
  const next = async (): Promise<IteratorResult<Event>> => {
    const { value, done } = await results.next();
    if (done) return { value: undefined, done: true };
    if (value.errors) throw Object.assign(new Error(value.errors[0]?.message), { errors: value.errors });
    return { value: Object.values(value.data ?? {})[0] as Event, done: false };
  };
  const followed: Followed<Event> = {
    next,
    [Symbol.asyncIterator]: () => followed,
    async take(count) {
      const events: Event[] = [];
      while (events.length < count) {
        const { value, done } = await next();
        if (done) throw new Error(`the stream ended after ${events.length} of ${count} events`);
        events.push(value);
      }
      return events;
    },
    async until(isLast) {
      const events: Event[] = [];
      for (;;) {
        const { value, done } = await next();
        if (done) throw new Error(`the stream ended before the event that was waited for, after ${events.length}`);
        events.push(value);
        if (isLast(value)) return events;
      }
    },
    async close() {
      await results.return?.();
      await client.dispose();
    },
  };
  return followed;
}
