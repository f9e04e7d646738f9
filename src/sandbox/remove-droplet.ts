import type { WireObject } from './account.js';
import { detach, listOf } from './lists.js';
import { leaveProject } from './membership.js';
import type { State } from './state.js';

/** Snapshots, volumes and reserved addresses stay; backups and memberships go with it. */
export function removeDroplet({ account, hidden }: State, droplet: WireObject): void {
  const id = String(droplet['id']);
  for (const volume of Object.values(account.volumes)) {
    if (listOf(volume, 'droplet_ids').includes(droplet['id'])) detach(account, volume);
  }
  for (const ip of Object.values(account.floatingIps)) {
    if (ip['droplet_id'] === droplet['id']) ip['droplet_id'] = null;
  }
  for (const holder of [...Object.values(account.firewalls), ...Object.values(account.loadBalancers)]) {
    holder['droplet_ids'] = listOf(holder, 'droplet_ids').filter((each) => each !== droplet['id']);
  }
  leaveProject(account, `do:droplet:${id}`);
  delete account.droplets[id];
  delete account.backups[id];
  delete hidden[`droplets/${id}`];
}
