import type { WireObject } from '../account.js';
import { created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';

const TAG = /^[\p{L}\p{N}_:-]{1,255}$/u;

export const tags: Routes = {
  'GET /v2/tags': (call) =>
    listed(
      call,
      'tags',
      Object.keys(call.account.tags).map((name) => tagObject(call, name)),
    ),
  'POST /v2/tags': (call) => {
    const name = call.body['name'];
    if (typeof name !== 'string' || !TAG.test(name))
      throw unprocessable('name may hold letters, numbers, _, - and : alone');
    call.account.tags[name] ??= { name };
    return created({ tag: tagObject(call, name) });
  },
  'GET /v2/tags/:tag': (call) => {
    if (!call.account.tags[call.params['tag'] as string]) throw notFound();
    return ok({ tag: tagObject(call, call.params['tag'] as string) });
  },
  'DELETE /v2/tags/:tag': (call) => {
    const name = call.params['tag'] as string;
    if (!call.account.tags[name]) throw notFound();
    delete call.account.tags[name];
    for (const droplet of Object.values(call.account.droplets)) untag(droplet, name);
    return noContent;
  },
  'POST /v2/tags/:tag/resources': (call) => {
    const name = call.params['tag'] as string;
    if (!call.account.tags[name]) throw notFound();
    for (const resource of resourcesOf(call)) {
      if (!(resource['tags'] as string[]).includes(name)) (resource['tags'] as string[]).push(name);
    }
    return noContent;
  },
  'DELETE /v2/tags/:tag/resources': (call) => {
    const name = call.params['tag'] as string;
    if (!call.account.tags[name]) throw notFound();
    for (const resource of resourcesOf(call)) untag(resource, name);
    return noContent;
  },
};

function untag(resource: WireObject, name: string): void {
  resource['tags'] = (resource['tags'] as string[]).filter((each) => each !== name);
}

function resourcesOf({ account, body }: Call): WireObject[] {
  const given = body['resources'];
  if (!Array.isArray(given)) throw unprocessable('resources is required');
  return (given as WireObject[]).map((reference) => {
    const id = String(reference['resource_id']);
    const found = reference['resource_type'] === 'volume' ? account.volumes[id] : account.droplets[id];
    if (!found) throw notFound();
    return found;
  });
}

function tagObject({ account }: Call, name: string): WireObject {
  const droplets = Object.values(account.droplets).filter((droplet) => (droplet['tags'] as string[]).includes(name));
  const count = droplets.length;
  const none = { count: 0 };
  return {
    name,
    resources: { count, droplets: { count }, images: none, volumes: none, volume_snapshots: none, databases: none },
  };
}
