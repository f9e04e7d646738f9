import type { WireObject } from '../account.js';
import { created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { listOf } from '../lists.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import { ensureTags, findTag } from '../tag-names.js';

/** What may be tagged: its path, and where the account keeps it. */
const TAGGED = {
  droplets: { path: 'droplets', of: ({ account }: Call) => Object.values(account.droplets) },
  images: { path: 'images', of: (call: Call) => snapshotsOf(call, 'droplet') },
  volumes: { path: 'volumes', of: ({ account }: Call) => Object.values(account.volumes) },
  volume_snapshots: { path: 'snapshots', of: (call: Call) => snapshotsOf(call, 'volume') },
} as const;
type Tagged = keyof typeof TAGGED;
const TYPES: Readonly<Record<string, Tagged>> = {
  droplet: 'droplets',
  image: 'images',
  volume: 'volumes',
  volume_snapshot: 'volume_snapshots',
};

export const tags: Routes = {
  'GET /v2/tags': (call) => {
    const all = Object.keys(call.account.tags).map((name) => tagObject(call, name));
    return listed(call, 'tags', all);
  },
  'POST /v2/tags': (call) => {
    const [name] = ensureTags(call.account, [call.body['name']]);
    return created({ tag: tagObject(call, name as string) });
  },
  'GET /v2/tags/:tag': (call) => ok({ tag: tagObject(call, tagOf(call)) }),
  'DELETE /v2/tags/:tag': (call) => {
    const name = tagOf(call);
    const { tags: known, firewalls } = call.account;
    delete known[name];
    const bearers = Object.values(TAGGED).flatMap(({ of }) => of(call));
    for (const bearer of [...bearers, ...Object.values(firewalls)]) untag(bearer, name);
    return noContent;
  },
  'POST /v2/tags/:tag/resources': (call) => {
    const name = tagOf(call);
    for (const resource of resourcesOf(call)) {
      resource['tags'] = [...new Set([...listOf(resource, 'tags'), name])];
    }
    return noContent;
  },
  'DELETE /v2/tags/:tag/resources': (call) => {
    const name = tagOf(call);
    for (const resource of resourcesOf(call)) untag(resource, name);
    return noContent;
  },
};

function tagOf({ account, params }: Call): string {
  const name = findTag(account, params['tag'] as string);
  if (name === undefined) throw notFound();
  return name;
}

function snapshotsOf({ account }: Call, type: 'droplet' | 'volume'): WireObject[] {
  return Object.values(account.snapshots).filter((snapshot) => snapshot['resource_type'] === type);
}

function untag(resource: WireObject, name: string): void {
  resource['tags'] = listOf(resource, 'tags').filter((each) => each !== name);
}

/** All of them are there, or nothing is tagged. */
function resourcesOf(call: Call): WireObject[] {
  const given = call.body['resources'];
  if (!Array.isArray(given)) throw unprocessable('resources is required');
  return (given as WireObject[]).map((reference) => {
    const kind = TYPES[String(reference['resource_type'])];
    if (!kind) throw unprocessable(`resource_type must be one of ${Object.keys(TYPES).join(', ')}`);
    const id = String(reference['resource_id']);
    const found = TAGGED[kind].of(call).find((resource) => String(resource['id']) === id);
    if (!found) throw notFound();
    return found;
  });
}

function tagObject(call: Call, name: string): WireObject {
  const kinds = (Object.keys(TAGGED) as Tagged[]).map((kind) => [kind, summary(call, kind, name)] as const);
  const count = kinds.reduce((total, [, each]) => total + each.count, 0);
  const last = kinds.find(([, each]) => each.count > 0)?.[1].last_tagged_uri;
  const resources = { ...Object.fromEntries(kinds), databases: { count: 0 } };
  return { name, resources: { count, ...(last ? { last_tagged_uri: last } : {}), ...resources } };
}

function summary(call: Call, kind: Tagged, name: string): { count: number; last_tagged_uri?: string } {
  const { path, of } = TAGGED[kind];
  const bearers = of(call).filter((resource) => listOf(resource, 'tags').includes(name));
  const last = bearers.at(-1);
  return { count: bearers.length, ...(last ? { last_tagged_uri: `${call.origin}/v2/${path}/${last['id']}` } : {}) };
}
