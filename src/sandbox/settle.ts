import type { Account, WireObject } from './account.js';
import type { Effect, Pending, State } from './state.js';

/** Brings about everything that is due; answers whether anything was. */
export function settle(state: State, now: number): boolean {
  let settled = false;
  for (;;) {
    const due = state.pending.filter((each) => each.dueAt <= now).sort((a, b) => a.dueAt - b.dueAt)[0];
    if (!due) return settled;
    state.pending.splice(state.pending.indexOf(due), 1);
    happen(state, due);
    settled = true;
  }
}

function happen(state: State, { change, dueAt }: Pending): void {
  if (change.do === 'reveal') {
    delete state.hidden[change.key];
    return;
  }
  const droplet = state.account.droplets[change.dropletId];
  if (change.do === 'address') {
    if (droplet) addPublicAddress(droplet);
    return;
  }
  const action = state.account.actions[change.actionId];
  if (!action) return;
  action['status'] = droplet || change.effect.kind === 'none' ? 'completed' : 'errored';
  action['completed_at'] = instant(dueAt);
  if (droplet) apply(state, droplet, change.effect, dueAt);
}

function apply(state: State, droplet: WireObject, effect: Effect, at: number): void {
  const { account } = state;
  switch (effect.kind) {
    case 'power':
      droplet['status'] = effect.status;
      return;
    case 'rename':
      droplet['name'] = effect.name;
      return;
    case 'resize':
      resize(account, droplet, effect.size, effect.disk);
      return;
    case 'backups': {
      const others = (droplet['features'] as string[]).filter((feature) => feature !== 'backups');
      droplet['features'] = effect.on ? ['backups', ...others] : others;
      return;
    }
    case 'activate':
      droplet['status'] = 'active';
      state.pending.push({ dueAt: at + effect.addressMs, change: { do: 'address', dropletId: String(droplet['id']) } });
      return;
    case 'snapshot':
      takeSnapshot(state, droplet, effect, at);
      return;
    case 'none':
      return;
  }
}

/** Without `disk` the disk stays what it was, and the droplet can be made smaller again. */
function resize(account: Account, droplet: WireObject, slug: string, disk: boolean): void {
  const size = account.sizes.find((each) => each['slug'] === slug) as WireObject;
  Object.assign(droplet, { size_slug: slug, size, vcpus: size['vcpus'], memory: size['memory'] });
  if (disk) droplet['disk'] = size['disk'];
}

function takeSnapshot(
  state: State,
  droplet: WireObject,
  effect: Extract<Effect, { kind: 'snapshot' }>,
  at: number,
): void {
  const id = state.account.nextId++;
  state.account.snapshots[id] = {
    id: String(id),
    name: effect.name,
    regions: [(droplet['region'] as WireObject)['slug']],
    created_at: instant(at),
    resource_id: String(droplet['id']),
    resource_type: 'droplet',
    min_disk_size: droplet['disk'],
    size_gigabytes: 2.34,
    tags: [],
  };
  (droplet['snapshot_ids'] as number[]).push(id);
  if (effect.lagMs > 0) {
    state.hidden[`snapshots/${id}`] = true;
    state.pending.push({ dueAt: at + effect.lagMs, change: { do: 'reveal', key: `snapshots/${id}` } });
  }
}

function addPublicAddress(droplet: WireObject): void {
  const { v4 } = droplet['networks'] as { v4: WireObject[] };
  if (v4.some((address) => address['type'] === 'public')) return;
  const number = Number(droplet['id']);
  const address = `170.64.${140 + (Math.floor(number / 250) % 100)}.${2 + (number % 250)}`;
  v4.push({ ip_address: address, netmask: '255.255.240.0', gateway: '170.64.128.1', type: 'public' });
}

/** As DigitalOcean writes instants: to the second. */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
