import type { WireObject } from '../account.js';
import { accepted, noContent, notFound, ok, pendingEvent, unprocessable } from '../answers.js';
import { REGION_SLUGS, regionObject } from '../golden/sizes.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import { instant } from '../settle.js';
import { actionObject, addTags, dropletOf, isBusy, isGpu, shownDroplets } from './droplet-view.js';

const NAME = /^[a-zA-Z0-9]?[a-z0-9A-Z.-]*[a-z0-9A-Z]$/;
const TAG = /^[\p{L}\p{N}_:-]{1,255}$/u;
/** Seconds until a list shows a new droplet, until it is active, and from then until its address is there. */
const FRESH = { shown: 2, active: 35, address: 4 };

export const droplets: Routes = {
  'GET /v2/droplets': (call) => {
    const { query } = call;
    const [tag, name, type] = [query.get('tag_name'), query.get('name'), query.get('type')];
    if (tag !== null && (name !== null || type !== null))
      throw unprocessable('tag_name cannot be combined with name or type.');
    const wanted = shownDroplets(call).filter((droplet) => {
      if (tag !== null) return (droplet['tags'] as string[]).some((each) => each.toLowerCase() === tag.toLowerCase());
      if (isGpu(droplet) !== (type === 'gpus')) return false;
      return name === null || String(droplet['name']).toLowerCase() === name.toLowerCase();
    });
    return listed(call, 'droplets', wanted);
  },

  'POST /v2/droplets': (call) => {
    const { names, name } = call.body;
    if (Array.isArray(names)) {
      if (names.length === 0 || names.length > 10) throw unprocessable('names must hold from 1 to 10 names.');
      const made = names.map((each) => create(call, each));
      return accepted({
        droplets: made.map(({ droplet }) => droplet),
        links: { actions: made.map(({ link }) => link) },
      });
    }
    const { droplet, link } = create(call, name);
    return accepted({ droplet, links: { actions: [link] } });
  },

  'DELETE /v2/droplets': (call) => {
    const tag = call.query.get('tag_name');
    if (!tag) throw unprocessable('tag_name is required.');
    for (const droplet of shownDroplets(call)) {
      if ((droplet['tags'] as string[]).includes(tag)) destroy(call, String(droplet['id']));
    }
    return noContent;
  },

  'GET /v2/droplets/:id': (call) => ok({ droplet: dropletOf(call) }),

  'DELETE /v2/droplets/:id': (call) => {
    const id = call.params['id'] as string;
    if (!call.account.droplets[id]) throw notFound();
    if (isBusy(call, id)) throw pendingEvent();
    destroy(call, id);
    return noContent;
  },

  'GET /v2/droplets/:id/backups': (call) => {
    dropletOf(call);
    return listed(call, 'backups', call.account.backups[call.params['id'] as string] ?? []);
  },

  'GET /v2/droplets/:id/snapshots': (call) => {
    dropletOf(call);
    const own = Object.values(call.account.snapshots).filter(
      (snapshot) => snapshot['resource_id'] === call.params['id'] && !call.state.hidden[`snapshots/${snapshot['id']}`],
    );
    return listed(call, 'snapshots', own.map(asDropletImage));
  },
};

/** The same snapshot, as it is listed beneath its droplet: an integer id, and words of an image. */
function asDropletImage(snapshot: WireObject): WireObject {
  const { id, name, regions, created_at, min_disk_size, size_gigabytes } = snapshot;
  return {
    id: Number(id),
    name,
    type: 'snapshot',
    distribution: 'Debian',
    slug: null,
    public: false,
    regions,
    created_at,
    min_disk_size,
    size_gigabytes,
  };
}

function create(call: Call, name: unknown): { droplet: WireObject; link: WireObject } {
  const { account, body } = call;
  if (typeof name !== 'string' || name.length > 255 || !NAME.test(name)) {
    throw unprocessable('Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)');
  }
  const size = account.sizes.find((each) => each['slug'] === body['size']);
  if (!size) throw unprocessable('You specified an invalid size for Droplet creation.');
  const region =
    typeof body['region'] === 'string'
      ? REGION_SLUGS.find((slug) => slug.startsWith(body['region'] as string))
      : 'syd1';
  if (!region) throw unprocessable('You specified an invalid region for Droplet creation.');
  const image = imageOf(call, body['image']);
  const tags = (body['tags'] ?? []) as string[];
  if (tags.some((tag) => typeof tag !== 'string' || !TAG.test(tag)))
    throw unprocessable('Tags may hold letters, numbers, _, - and : alone.');
  addTags(call, tags);

  const id = account.nextId++;
  const actionId = account.nextId++;
  const droplet: WireObject = {
    id,
    name,
    memory: size['memory'],
    vcpus: size['vcpus'],
    disk: size['disk'],
    disk_info: [{ type: 'local', size: { amount: size['disk'], unit: 'gib' } }],
    locked: false,
    status: 'new',
    kernel: null,
    created_at: instant(call.now),
    features: [
      ...(body['backups'] === true ? ['backups'] : []),
      ...(body['monitoring'] === true ? ['monitoring'] : []),
      'droplet_agent',
      'private_networking',
    ],
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: [],
    image,
    volume_ids: [],
    size,
    size_slug: size['slug'],
    networks: { v4: [], v6: [] },
    region: regionObject(region),
    tags,
    vpc_uuid: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
  };
  account.droplets[id] = droplet;
  account.actions[actionId] = actionObject(actionId, 'create', droplet, instant(call.now));
  const home = Object.values(account.projects).find(({ project }) => project['is_default']);
  home?.members.push({
    urn: `do:droplet:${id}`,
    assigned_at: instant(call.now),
    links: { self: `https://api.digitalocean.com/v2/droplets/${id}` },
    status: 'ok',
  });
  call.state.hidden[`droplets/${id}`] = true;
  call.after(FRESH.shown, { do: 'reveal', key: `droplets/${id}` });
  const effect = { kind: 'activate', addressMs: call.scaled(FRESH.address) } as const;
  call.after(FRESH.active, { do: 'complete', actionId: String(actionId), dropletId: String(id), effect });
  return {
    droplet: structuredClone(droplet),
    link: { id: actionId, rel: 'create', href: `${call.origin}/v2/actions/${actionId}` },
  };
}

function imageOf({ account }: Call, given: unknown): WireObject {
  const image = account.images.find((each) => each['slug'] === given || String(each['id']) === String(given));
  if (image) return image;
  const snapshot = account.snapshots[String(given)];
  if (!snapshot) throw unprocessable('You specified an invalid image for Droplet creation.');
  return { ...asDropletImage(snapshot), status: 'available', tags: [], description: '' };
}

/** Snapshots stay; backups, memberships and pending changes go with it. */
function destroy({ account, state }: Call, id: string): void {
  delete account.droplets[id];
  delete account.backups[id];
  delete state.hidden[`droplets/${id}`];
  for (const { members } of Object.values(account.projects)) {
    const index = members.findIndex((member) => member.urn === `do:droplet:${id}`);
    if (index >= 0) members.splice(index, 1);
  }
  for (const firewall of Object.values(account.firewalls)) {
    firewall['droplet_ids'] = (firewall['droplet_ids'] as number[]).filter((each) => String(each) !== id);
  }
}
