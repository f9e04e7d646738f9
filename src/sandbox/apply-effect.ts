import type { Account, WireObject } from './account.js';
import { addAddress } from './addresses.js';
import { detach, listOf } from './lists.js';
import { removeDroplet } from './remove-droplet.js';
import type { Effect, State } from './state.js';

/** Does what an action was for; false: what it was for is gone. */
export function applyEffect(
  state: State,
  effect: Effect,
  dropletId: string | null,
  action: WireObject,
  at: number,
): boolean {
  const { account } = state;
  switch (effect.kind) {
    case 'none':
      return true;
    case 'grow':
      return onVolume(account, effect.volumeId, (volume) => {
        volume['size_gigabytes'] = effect.sizeGb;
      });
    case 'detach':
      return onVolume(account, effect.volumeId, (volume) => detach(account, volume));
    case 'unassign':
      return onIp(account, effect.ip, null);
  }
  const droplet = dropletId === null ? undefined : account.droplets[dropletId];
  if (effect.kind === 'fail') {
    // A droplet that found no place is gone for good.
    if (droplet && action['type'] === 'create') removeDroplet(state, droplet);
    return false;
  }
  if (!droplet) return false;
  switch (effect.kind) {
    case 'attach':
      return onVolume(account, effect.volumeId, (volume) => {
        volume['droplet_ids'] = [droplet['id']];
        droplet['volume_ids'] = [...listOf(droplet, 'volume_ids'), effect.volumeId];
      });
    case 'assign':
      return onIp(account, effect.ip, droplet['id']);
    case 'power': {
      const change = { do: 'status', dropletId: String(droplet['id']), status: effect.status } as const;
      state.pending.push({ dueAt: at + (effect.lagMs ?? 0), change });
      return true;
    }
    case 'rename':
      droplet['name'] = effect.name;
      return true;
    case 'resize':
      resize(account, droplet, effect.size, effect.disk);
      return true;
    case 'backups': {
      const others = listOf(droplet, 'features').filter((feature) => feature !== 'backups');
      droplet['features'] = effect.on ? ['backups', ...others] : others;
      return true;
    }
    case 'activate':
      droplet['status'] = 'active';
      addAddress(droplet, 'private');
      state.pending.push({ dueAt: at + effect.addressMs, change: { do: 'address', dropletId: String(droplet['id']) } });
      return true;
    case 'snapshot':
      takeSnapshot(state, droplet, effect, String(action['started_at']), at);
      return true;
  }
}

function onVolume(account: Account, id: string, change: (volume: WireObject) => void): boolean {
  const volume = account.volumes[id];
  if (volume) change(volume);
  return volume !== undefined;
}

function onIp(account: Account, ip: string, dropletId: unknown): boolean {
  const reserved = account.floatingIps[ip];
  if (reserved) Object.assign(reserved, { droplet_id: dropletId, locked: false });
  return reserved !== undefined;
}

/** Without `disk` the disk stays what it was, and the droplet can be made smaller again. */
function resize(account: Account, droplet: WireObject, slug: string, disk: boolean): void {
  const size = account.sizes.find((each) => each['slug'] === slug) as WireObject;
  Object.assign(droplet, { size_slug: slug, size, vcpus: size['vcpus'], memory: size['memory'] });
  if (!disk) return;
  droplet['disk'] = size['disk'];
  droplet['disk_info'] = [{ type: 'local', size: { amount: size['disk'], unit: 'gib' } }];
}

/** Dated as the action that took it, by which some clients know it. Lists show it later than the action is done. */
function takeSnapshot(
  state: State,
  droplet: WireObject,
  { name, lagMs }: Extract<Effect, { kind: 'snapshot' }>,
  startedAt: string,
  at: number,
): void {
  const id = state.account.nextId++;
  state.account.snapshots[id] = {
    id: String(id),
    name,
    regions: [(droplet['region'] as WireObject)['slug']],
    created_at: startedAt,
    resource_id: String(droplet['id']),
    resource_type: 'droplet',
    min_disk_size: droplet['disk'],
    size_gigabytes: Math.round(Number(droplet['disk']) * 9.36) / 100,
    tags: [],
  };
  droplet['snapshot_ids'] = [...listOf(droplet, 'snapshot_ids'), id];
  if (lagMs <= 0) return;
  state.hidden[`snapshots/${id}`] = true;
  state.pending.push({ dueAt: at + lagMs, change: { do: 'reveal', key: `snapshots/${id}` } });
}
