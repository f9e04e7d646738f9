import type { WireObject } from '../account.js';
import { unprocessable } from '../answers.js';
import { instant } from '../apply-due-changes.js';
import { findRegion, findSize, slugOf } from '../catalog-lookup.js';
import { defaultVpc } from '../golden/vpcs.js';
import { listOf } from '../lists.js';
import { joinDefault } from '../membership.js';
import type { Call } from '../router.js';
import { ensureTags } from '../tag-names.js';
import { beginOfDroplet } from './action-log.js';
import { asImage } from './droplet-view.js';

const NAME = /^[a-zA-Z0-9]?[a-z0-9A-Z.-]*[a-z0-9A-Z]$/;
const USER_DATA_BYTES = 64 * 1024;
/** Seconds until a list shows a new droplet, until it is active, and from then until its public address is there. */
const FRESH = { shown: 2, active: 35, address: 4 };

/** What a droplet is made of: checked, the same for each name of the request. */
export interface DropletForm {
  readonly size: WireObject;
  readonly region: WireObject;
  readonly image: WireObject;
  readonly features: readonly string[];
  readonly tags: readonly string[];
  readonly volumes: readonly WireObject[];
}

/** Throws what DigitalOcean refuses, before anything is made. */
export function readDropletForm({ account, body }: Call): DropletForm {
  const size = findSize(account, body['size']);
  if (!size) throw unprocessable('You specified an invalid size for Droplet creation.');
  const region = findRegion(account, body['region'] ?? 'syd1');
  if (!region) throw unprocessable('You specified an invalid region for Droplet creation.');
  if (!listOf(size, 'regions').includes(region['slug'])) throw unprocessable('Size is not available in this region.');
  const image = imageOf(account.images, account.snapshots, body['image']);
  if (Number(image['min_disk_size']) > Number(size['disk']))
    throw unprocessable('The image you specified needs a larger disk than the size has.');
  if (!listOf(image, 'regions').includes(region['slug'])) throw unprocessable('Image is not available in this region.');
  if (Buffer.byteLength(String(body['user_data'] ?? '')) > USER_DATA_BYTES)
    throw unprocessable('User data must not exceed 64 KiB.');
  const volumes = listOf(body, 'volumes').map((id) => {
    const volume = account.volumes[String(id)];
    const isFree = volume && listOf(volume, 'droplet_ids').length === 0;
    if (!isFree || slugOf(volume['region']) !== region['slug'])
      throw unprocessable('Volumes must exist in the region, attached to no Droplet.');
    return volume;
  });
  const wanted = ['backups', 'ipv6', 'monitoring'].filter((feature) => body[feature] === true);
  const features = [...wanted, 'droplet_agent', 'private_networking'];
  return { size, region, image, features, tags: ensureTags(account, body['tags']), volumes };
}

export function readName(name: unknown): string {
  if (typeof name !== 'string' || name.length > 255 || !NAME.test(name))
    throw unprocessable('Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)');
  return name;
}

export function createDroplet(
  call: Call,
  name: string,
  { size, region, image, features, tags, volumes }: DropletForm,
): { droplet: WireObject; link: WireObject } {
  const { account, state } = call;
  const id = account.nextId++;
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
    features,
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: [],
    image,
    volume_ids: volumes.map((volume) => volume['id']),
    size,
    size_slug: size['slug'],
    networks: { v4: [], v6: [] },
    region,
    tags,
    vpc_uuid: defaultVpc.id,
  };
  account.droplets[id] = droplet;
  for (const volume of volumes) volume['droplet_ids'] = [id];
  joinDefault(account, `do:droplet:${id}`, call.now);
  state.hidden[`droplets/${id}`] = true;
  call.after(FRESH.shown, { do: 'reveal', key: `droplets/${id}` });
  const effect = { kind: 'activate', addressMs: call.scaled(FRESH.address) } as const;
  const action = beginOfDroplet(call, droplet, { type: 'create', seconds: FRESH.active, effect });
  return { droplet, link: { id: action['id'], rel: 'create', href: `${call.origin}/v2/actions/${action['id']}` } };
}

function imageOf(
  images: readonly WireObject[],
  snapshots: Readonly<Record<string, WireObject>>,
  given: unknown,
): WireObject {
  const image = images.find((each) => each['slug'] === given || String(each['id']) === String(given));
  if (image) return image;
  const snapshot = snapshots[String(given)];
  if (snapshot?.['resource_type'] !== 'droplet')
    throw unprocessable('You specified an invalid image for Droplet creation.');
  return asImage(snapshot);
}
