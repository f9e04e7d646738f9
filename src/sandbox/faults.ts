import { type Answer, badRequest } from './answers.js';

/** What the next requests that match are to meet instead of, or after, what they ask for. */
export interface Fault {
  /** `*`: any. */
  readonly method: string;
  /** May end in `*`. */
  readonly path: string;
  /** Parameters that must be there with these values. */
  readonly query: Readonly<Record<string, string>>;
  /** How often; null: until cleared, by `probability`. */
  times: number | null;
  /** Matching requests that pass first. */
  skip: number;
  readonly probability: number | null;
  /** Null, and no body either: the request is carried out. */
  readonly status: number | null;
  readonly delayMs: number;
  /** Carried out, and the connection is cut without an answer. */
  readonly dropAfterActing: boolean;
  /** Of the actions that it begins: done without effect (a droplet that stays new), or errored; null: as it should be. */
  readonly outcome: 'stalled' | 'errored' | null;
  readonly retryAfter: number | null;
  readonly body: string | null;
}

const METHODS = ['*', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
const IDS: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'precondition_failed',
  422: 'unprocessable_entity',
  429: 'too_many_requests',
  503: 'service_unavailable',
};
const TAKES = [
  'method',
  'path',
  'query',
  'times',
  'skip',
  'probability',
  'status',
  'delayMs',
  'dropAfterActing',
  'outcome',
  'retryAfter',
  'body',
];

/** Throws a Refusal that names what does not parse. */
export function readFault(given: unknown): Fault {
  if (!isObject(given)) throw badRequest('a fault is a JSON object');
  const unknown = Object.keys(given).find((key) => !TAKES.includes(key));
  if (unknown !== undefined) throw badRequest(`${unknown} is nothing that a fault takes; it takes ${TAKES.join(', ')}`);
  const { method, path, dropAfterActing = false, outcome = null } = given;
  if (typeof method !== 'string' || !METHODS.includes(method.toUpperCase()))
    throw badRequest(`method must be one of ${METHODS.join(', ')}`);
  if (typeof path !== 'string' || !path.startsWith('/')) throw badRequest('path must begin with / and may end in *');
  if (typeof dropAfterActing !== 'boolean') throw badRequest('dropAfterActing must be true or false');
  if (outcome !== null && outcome !== 'stalled' && outcome !== 'errored')
    throw badRequest('outcome must be stalled or errored');
  const probability = numberOf(given, 'probability', 0, 1, false);
  const fault: Fault = {
    method: method.toUpperCase(),
    path,
    query: queryOf(given['query']),
    times: numberOf(given, 'times', 1, 1_000_000) ?? (probability === null ? 1 : null),
    skip: numberOf(given, 'skip', 0, 1_000_000) ?? 0,
    probability,
    status: numberOf(given, 'status', 200, 599),
    delayMs: numberOf(given, 'delayMs', 0, 600_000) ?? 0,
    dropAfterActing,
    outcome,
    retryAfter: numberOf(given, 'retryAfter', 0, 86_400),
    body: bodyOf(given['body']),
  };
  const isInstead = fault.status !== null || fault.body !== null;
  const isCarriedOut = fault.dropAfterActing || fault.outcome !== null;
  if (!isInstead && fault.delayMs === 0 && !isCarriedOut)
    throw badRequest('a fault needs status, body, delayMs, dropAfterActing or outcome');
  if (isInstead && isCarriedOut)
    throw badRequest('dropAfterActing and outcome carry the request out: they go with neither status nor body');
  if (fault.retryAfter !== null && !isInstead) throw badRequest('retryAfter needs a status');
  return fault;
}

/** The first fault that this request meets, counted down; null: none. */
export function takeFault(faults: Fault[], method: string, url: URL, random: () => number): Fault | null {
  for (const fault of faults) {
    if (!matches(fault, method, url)) continue;
    if (fault.skip > 0) {
      fault.skip -= 1;
      continue;
    }
    if (fault.probability !== null && random() >= fault.probability) continue;
    if (fault.times !== null) fault.times -= 1;
    if (fault.times === 0) faults.splice(faults.indexOf(fault), 1);
    return fault;
  }
  return null;
}

/** What is answered in place of acting; null: the request is carried out. */
export function faultAnswer({ status, body, retryAfter }: Fault): Answer | null {
  const headers: Record<string, string> = retryAfter === null ? {} : { 'retry-after': String(retryAfter) };
  if (body !== null) return { status: status ?? 200, text: body, headers };
  if (status === null) return null;
  if (status === 204) return { status, headers };
  const id = IDS[status] ?? (status >= 500 ? 'server_error' : 'bad_request');
  return { status, body: { id, message: 'A fault that was asked for.' }, headers };
}

function matches(fault: Fault, method: string, { pathname, searchParams }: URL): boolean {
  if (fault.method !== '*' && fault.method !== method) return false;
  const isPath = fault.path.endsWith('*') ? pathname.startsWith(fault.path.slice(0, -1)) : pathname === fault.path;
  return isPath && Object.entries(fault.query).every(([name, value]) => searchParams.get(name) === value);
}

function numberOf(
  given: Readonly<Record<string, unknown>>,
  name: string,
  least: number,
  most: number,
  isWhole = true,
): number | null {
  const value = given[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
    throw badRequest(`${name} must be a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
  return value;
}

function queryOf(given: unknown): Record<string, string> {
  if (given === undefined || given === null) return {};
  const entries = isObject(given) ? Object.entries(given) : [];
  if (!isObject(given) || !entries.every(([, value]) => typeof value === 'string' || typeof value === 'number'))
    throw badRequest('query must be an object of strings');
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** A text as it is; anything else as JSON. */
function bodyOf(given: unknown): string | null {
  if (given === undefined || given === null) return null;
  return typeof given === 'string' ? given : JSON.stringify(given);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
