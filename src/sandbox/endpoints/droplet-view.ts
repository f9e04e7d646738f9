import type { WireObject } from '../account.js';
import { notFound } from '../answers.js';
import { listOf } from '../lists.js';
import type { Call } from '../router.js';

/** Everything that lists show; a fresh droplet is not among it for a while. */
export function shownDroplets({ account, state }: Call): WireObject[] {
  return Object.values(account.droplets).filter((droplet) => !state.hidden[`droplets/${droplet['id']}`]);
}

/** Throws 404 for one that is gone, or so fresh that it is not shown yet. */
export function dropletOf(call: Call, id = call.params['id'] as string): WireObject {
  const droplet = call.account.droplets[id];
  if (!droplet || call.state.hidden[`droplets/${id}`]) throw notFound();
  return droplet;
}

/** With its reserved addresses as further public ones, and without the snapshots that are not shown yet. */
export function dropletView({ account, state }: Call, droplet: WireObject): WireObject {
  const reserved = Object.values(account.floatingIps).filter((ip) => ip['droplet_id'] === droplet['id']);
  const networks = droplet['networks'] as { v4: WireObject[]; v6: WireObject[] };
  const more = reserved.map(({ ip }) => ({
    ip_address: ip,
    netmask: '255.255.0.0',
    gateway: '170.67.0.1',
    type: 'public',
  }));
  return {
    ...droplet,
    snapshot_ids: listOf(droplet, 'snapshot_ids').filter((id) => !state.hidden[`snapshots/${id}`]),
    networks: more.length === 0 ? networks : { ...networks, v4: [...networks.v4, ...more] },
  };
}

export function isGpu(droplet: WireObject): boolean {
  return String(droplet['size_slug']).startsWith('gpu-');
}

/** A snapshot as it is listed beneath its droplet: an integer id, and words of an image. */
export function asDropletImage(snapshot: WireObject): WireObject {
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

/** The same among the images that droplets are made from. */
export function asImage(snapshot: WireObject): WireObject {
  return { ...asDropletImage(snapshot), status: 'available', tags: [], description: '' };
}
