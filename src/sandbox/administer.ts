import type { Account } from './account.js';
import { type Answer, badRequest, noContent, notFound, ok } from './answers.js';
import { applyDueChanges } from './apply-due-changes.js';
import { readFault } from './faults.js';
import type { Running } from './running.js';
import type { State } from './state.js';

/** `billing` has the parts `balance`, `history` and `invoices` for ids. */
const COLLECTIONS = [
  'droplets',
  'backups',
  'snapshots',
  'volumes',
  'floatingIps',
  'firewalls',
  'loadBalancers',
  'vpcs',
  'domains',
  'projects',
  'spaces',
  'tags',
  'actions',
  'billing',
] as const satisfies readonly (keyof Account)[];

/** What tests and demos tell the sandbox itself, outside `/v2`. */
export function administer(running: Running, method: string, path: string, body: unknown): Answer {
  const { faults, requests } = running;
  switch (`${method} ${path}`) {
    case 'POST /_sandbox/faults':
      faults.push(readFault(body));
      return ok({ faults });
    case 'GET /_sandbox/faults':
      return ok({ faults });
    case 'DELETE /_sandbox/faults':
      faults.length = 0;
      return noContent;
    case 'POST /_sandbox/reset':
      running.state = running.freshState();
      faults.length = 0;
      requests.length = 0;
      return noContent;
    case 'GET /_sandbox/requests':
      return ok({ requests });
    default:
      applyDueChanges(running.state, running.now());
      return changeState(running.state, method, path, body);
  }
}

/** `/_sandbox/state/droplets/1`: looks at, puts, merges into or removes one object behind everybody's back. */
function changeState({ account }: State, method: string, path: string, body: unknown): Answer {
  const [, , what, collection, ...rest] = path.split('/');
  const name = COLLECTIONS.find((each) => each === collection);
  if (what !== 'state' || !name) throw notFound();
  const id = decode(rest.join('/'));
  const objects = account[name] as Record<string, unknown>;
  if (id === '') {
    if (method !== 'GET') throw badRequest('a whole collection is for GET alone');
    return ok(objects);
  }
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

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest('the path is not encoded as a URL is');
  }
}

/** RFC 7396. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const merged = new Map<string, unknown>(isObject ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
