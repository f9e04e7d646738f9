import type { WireObject } from '../account.js';
import { created, notFound, ok, unprocessable } from '../answers.js';
import { findSize } from '../catalog-lookup.js';
import { listOf } from '../lists.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import type { Effect } from '../state.js';
import { isSameTag } from '../tag-names.js';
import { actionsWhere, assertIdle, beginOfDroplet, shownAction } from './action-log.js';
import { readName } from './create-droplet.js';
import { dropletOf, shownDroplets } from './droplet-view.js';

/** How long an action takes, in seconds. */
const SECONDS: Readonly<Record<string, number>> = {
  power_on: 8,
  power_off: 6,
  shutdown: 12,
  reboot: 15,
  power_cycle: 15,
  rename: 3,
  resize: 60,
  snapshot: 35,
  enable_backups: 2,
  disable_backups: 2,
};
/** Seconds that lists lag behind a new snapshot, and a droplet behind its own action. */
const LAG = { snapshot: 12, status: 2 };

export const actions: Routes = {
  'GET /v2/actions': (call) =>
    listed(
      call,
      'actions',
      actionsWhere(call, () => true),
    ),
  'GET /v2/actions/:actionId': (call) => {
    const action = call.account.actions[call.params['actionId'] as string];
    if (!action) throw notFound();
    return ok({ action: shownAction(action) });
  },
  'GET /v2/droplets/:id/actions': (call) => {
    const own = actionsWhere(call, (action) => isOf(action, call.params['id'] as string));
    if (own.length === 0) dropletOf(call);
    return listed(call, 'actions', own);
  },
  'GET /v2/droplets/:id/actions/:actionId': (call) => {
    const action = call.account.actions[call.params['actionId'] as string];
    if (!action || !isOf(action, call.params['id'] as string)) throw notFound();
    return ok({ action: shownAction(action) });
  },
  'POST /v2/droplets/:id/actions': (call) => created({ action: act(call, dropletOf(call)) }),
  'POST /v2/droplets/actions': (call) => {
    const tag = call.query.get('tag_name');
    if (!tag) throw unprocessable('tag_name is required.');
    const tagged = shownDroplets(call).filter((droplet) =>
      listOf(droplet, 'tags').some((each) => isSameTag(each, tag)),
    );
    return created({ actions: tagged.map((droplet) => act(call, droplet)) });
  },
};

function isOf(action: WireObject, dropletId: string): boolean {
  return action['resource_type'] === 'droplet' && String(action['resource_id']) === dropletId;
}

function act(call: Call, droplet: WireObject): WireObject {
  const type = String(call.body['type']);
  const seconds = Object.hasOwn(SECONDS, type) ? SECONDS[type] : undefined;
  if (seconds === undefined) throw unprocessable(`${type} is not an action of a Droplet here.`);
  assertIdle(call, droplet);
  return beginOfDroplet(call, droplet, { type, seconds, effect: effectOf(call, droplet, type) });
}

function effectOf(call: Call, droplet: WireObject, type: string): Effect {
  const isOn = droplet['status'] === 'active';
  switch (type) {
    case 'power_on':
      if (isOn) throw unprocessable('Droplet is already powered on.');
      return { kind: 'power', status: 'active', lagMs: call.scaled(LAG.status) };
    case 'power_off':
      if (!isOn) throw unprocessable('Droplet is already powered off.');
      return { kind: 'power', status: 'off', lagMs: call.scaled(LAG.status) };
    case 'shutdown':
      return { kind: 'power', status: 'off', lagMs: call.scaled(LAG.status) };
    case 'reboot':
    case 'power_cycle':
      return { kind: 'power', status: 'active' };
    case 'rename':
      return { kind: 'rename', name: readName(call.body['name']) };
    case 'snapshot': {
      const name = call.body['name'] ?? `${droplet['name']}-${call.now}`;
      return { kind: 'snapshot', name: String(name), lagMs: call.scaled(LAG.snapshot) };
    }
    case 'resize':
      return resizeOf(call, droplet, isOn);
    default:
      return { kind: 'backups', on: type === 'enable_backups' };
  }
}

function resizeOf({ account, body }: Call, droplet: WireObject, isOn: boolean): Effect {
  const size = findSize(account, body['size']);
  if (!size) throw unprocessable('You specified an invalid size.');
  if (isOn) throw unprocessable('Droplet must be powered off before it can be resized.');
  if (Number(size['disk']) < Number(droplet['disk']))
    throw unprocessable("Size can not decrease size of Droplet's disk image");
  return { kind: 'resize', size: String(size['slug']), disk: body['disk'] === true };
}
