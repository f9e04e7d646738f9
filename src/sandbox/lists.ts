import type { Account, WireObject } from './account.js';

/** A field that is a list, or that nobody has filled. */
export function listOf(resource: WireObject, field: string): unknown[] {
  const list = resource[field];
  return Array.isArray(list) ? list : [];
}

export function detach(account: Account, volume: WireObject): void {
  for (const id of listOf(volume, 'droplet_ids')) {
    const droplet = account.droplets[String(id)];
    if (droplet) droplet['volume_ids'] = listOf(droplet, 'volume_ids').filter((each) => each !== volume['id']);
  }
  volume['droplet_ids'] = [];
}
