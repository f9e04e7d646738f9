import type { Account, WireObject } from './account.js';
import type { Answer } from './answers.js';
import type { Pending, State } from './state.js';

/** What an endpoint is given. Times are epoch milliseconds. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON body; an empty object without one. */
  readonly body: WireObject;
  readonly path: string;
  readonly state: State;
  readonly account: Account;
  readonly now: number;
  /** The sandbox's own address, for links. */
  readonly origin: string;
  /** Queues what happens `seconds` from now, as long as it takes at this time scale. */
  after(seconds: number, change: Pending['change']): void;
  /** Seconds at this time scale, in milliseconds. */
  scaled(seconds: number): number;
}

export type Endpoint = (call: Call) => Answer;
/** `:name` is one part of the path. */
export type Routes = Readonly<Record<`${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /v2/${string}`, Endpoint>>;

export interface Route {
  readonly method: string;
  readonly parts: readonly string[];
  readonly endpoint: Endpoint;
}

export function compileRoutes(...all: readonly Routes[]): Route[] {
  return all.flatMap((routes) =>
    Object.entries(routes).map(([key, endpoint]) => {
      const [method, path] = key.split(' ') as [string, string];
      return { method, parts: path.split('/'), endpoint };
    }),
  );
}

/** The route of a path, fixed parts before variable ones; null: there is none. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | null {
  const parts = path.split('/');
  let best: { route: Route; params: Record<string, string> } | null = null;
  for (const route of routes) {
    if (route.method !== method || route.parts.length !== parts.length) continue;
    const params = match(route.parts, parts);
    if (params && (!best || Object.keys(params).length < Object.keys(best.params).length)) best = { route, params };
  }
  return best;
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (let n = 0; n < pattern.length; n++) {
    const [expected, part] = [pattern[n] as string, parts[n] as string];
    if (expected.startsWith(':')) {
      const value = decode(part);
      if (value === null || value === '') return null;
      params[expected.slice(1)] = value;
    } else if (expected !== part) {
      return null;
    }
  }
  return params;
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
