import type { Account, WireObject } from './account.js';
import { type Answer, badRequest, noContent, notFound, ok } from './answers.js';
import { type Fault, readFault } from './faults.js';
import type { State } from './state.js';

export interface RequestSeen {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly time: string;
}

export interface Administration {
  readonly method: string;
  readonly url: URL;
  readonly body: WireObject;
  readonly faults: Fault[];
  readonly requests: RequestSeen[];
  readonly state: State;
  restore(): void;
}

const COLLECTIONS = [
  'droplets',
  'backups',
  'snapshots',
  'volumes',
  'floatingIps',
  'firewalls',
  'loadBalancers',
  'domains',
  'projects',
  'tags',
  'actions',
] as const satisfies readonly (keyof Account)[];

/** What tests and demos tell the sandbox itself, outside `/v2`. */
export function administer(call: Administration): Answer {
  const { method, url, body, faults, requests } = call;
  switch (`${method} ${url.pathname}`) {
    case 'POST /_sandbox/faults':
      faults.push(readFault(body));
      return ok({ faults });
    case 'GET /_sandbox/faults':
      return ok({ faults });
    case 'DELETE /_sandbox/faults':
      faults.length = 0;
      return noContent;
    case 'POST /_sandbox/reset':
      call.restore();
      faults.length = 0;
      requests.length = 0;
      return noContent;
    case 'GET /_sandbox/requests':
      return ok({ requests });
    default:
      return changeState(call);
  }
}

/** `/_sandbox/state/droplets/1`: looks at, puts, merges into or removes one object behind everybody's back. */
function changeState({ method, url, body, state }: Administration): Answer {
  const [, , what, collection = '', ...rest] = url.pathname.split('/');
  const name = COLLECTIONS.find((each) => each === collection);
  if (what !== 'state' || !name) throw notFound();
  const id = decodeURIComponent(rest.join('/'));
  const objects = state.account[name] as Record<string, unknown>;
  if (id === '') return ok(objects);
  if (method === 'PUT') {
    objects[id] = body;
    return ok(body);
  }
  const known = objects[id];
  if (known === undefined) throw notFound();
  if (method === 'GET') return ok(known);
  if (method === 'DELETE') {
    delete objects[id];
    return noContent;
  }
  if (method !== 'PATCH') throw badRequest('state takes GET, PUT, PATCH and DELETE');
  objects[id] = mergePatch(known, body);
  return ok(objects[id]);
}

/** RFC 7396. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}
