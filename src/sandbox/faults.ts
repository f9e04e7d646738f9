import { badRequest } from './answers.js';

/** What the next requests that match are to meet instead of, or after, what they ask for. */
export interface Fault {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** How often; null: until cleared, by `probability`. */
  times: number | null;
  /** Matching requests that pass first. */
  skip: number;
  readonly probability: number | null;
  readonly status: number | null;
  readonly delayMs: number;
  readonly dropAfterActing: boolean;
  readonly retryAfter: number | null;
  readonly body: string | null;
}

/** Throws a Refusal that names what does not parse. */
export function readFault(given: Record<string, unknown>): Fault {
  const { method, path, query, times, skip, probability, status, delayMs, dropAfterActing, retryAfter, body } = given;
  if (typeof method !== 'string') throw badRequest('method must be an HTTP method or *');
  if (typeof path !== 'string' || !path.startsWith('/')) throw badRequest('path must begin with / and may end in *');
  const number = (name: string, value: unknown, fallback: number | null, min: number, max: number): number | null => {
    if (value === undefined || value === null) return fallback;
    if (typeof value !== 'number' || value < min || value > max)
      throw badRequest(`${name} must be a number from ${min} to ${max}`);
    return value;
  };
  const chance = number('probability', probability, null, 0, 1);
  const fault: Fault = {
    method: method.toUpperCase(),
    path,
    query: (query ?? {}) as Record<string, string>,
    times: number('times', times, chance === null ? 1 : null, 1, 1_000_000),
    skip: number('skip', skip, 0, 0, 1_000_000) as number,
    probability: chance,
    status: number('status', status, null, 400, 599),
    delayMs: number('delayMs', delayMs, 0, 0, 600_000) as number,
    dropAfterActing: dropAfterActing === true,
    retryAfter: number('retryAfter', retryAfter, null, 0, 3_600),
    body: typeof body === 'string' ? body : null,
  };
  if (fault.status === null && fault.delayMs === 0 && !fault.dropAfterActing && fault.body === null) {
    throw badRequest('a fault needs status, delayMs, dropAfterActing or body');
  }
  return fault;
}

/** The fault that this request meets, counted down; null: none. */
export function takeFault(
  faults: Fault[],
  method: string,
  path: string,
  query: URLSearchParams,
  random: () => number,
): Fault | null {
  for (const fault of faults) {
    if (!matches(fault, method, path, query)) continue;
    if (fault.skip > 0) {
      fault.skip -= 1;
      continue;
    }
    if (fault.probability !== null && random() >= fault.probability) continue;
    if (fault.times !== null) {
      fault.times -= 1;
      if (fault.times === 0) faults.splice(faults.indexOf(fault), 1);
    }
    return fault;
  }
  return null;
}

function matches(fault: Fault, method: string, path: string, query: URLSearchParams): boolean {
  if (fault.method !== '*' && fault.method !== method) return false;
  const isPath = fault.path.endsWith('*') ? path.startsWith(fault.path.slice(0, -1)) : path === fault.path;
  return isPath && Object.entries(fault.query).every(([name, value]) => query.get(name) === String(value));
}
