import type { WireObject } from '../account.js';
import { badRequest, created, notFound, ok, pendingEvent, unprocessable } from '../answers.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import { instant } from '../settle.js';
import type { Effect } from '../state.js';
import { actionObject, dropletOf, isBusy } from './droplet-view.js';

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
  'GET /v2/actions': (call) => listed(call, 'actions', newestFirst(call.account.actions)),
  'GET /v2/actions/:actionId': (call) => ok({ action: actionOf(call) }),
  'GET /v2/droplets/:id/actions': (call) => {
    const own = newestFirst(call.account.actions).filter(
      (action) => String(action['resource_id']) === call.params['id'],
    );
    return listed(call, 'actions', own);
  },
  'GET /v2/droplets/:id/actions/:actionId': (call) => ok({ action: actionOf(call) }),
  'POST /v2/droplets/:id/actions': (call) => {
    const droplet = dropletOf(call);
    const id = String(droplet['id']);
    const type = String(call.body['type']);
    const seconds = SECONDS[type];
    if (seconds === undefined) throw badRequest(`${type} is not an action of a droplet.`);
    if (isBusy(call, id)) throw pendingEvent();
    const effect = effectOf(call, droplet, type);
    const actionId = call.account.nextId++;
    const action = actionObject(actionId, type, droplet, instant(call.now));
    call.account.actions[actionId] = action;
    call.after(seconds, { do: 'complete', actionId: String(actionId), dropletId: id, effect });
    return created({ action: structuredClone(action) });
  },
};

function newestFirst(all: Readonly<Record<string, WireObject>>): WireObject[] {
  return Object.values(all).sort((a, b) => Number(b['id']) - Number(a['id']));
}

function actionOf({ account, params }: Call): WireObject {
  const action = account.actions[params['actionId'] as string];
  if (!action) throw notFound();
  return action;
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
      if (typeof call.body['name'] !== 'string') throw unprocessable('Name is required.');
      return { kind: 'rename', name: call.body['name'] };
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

function resizeOf(call: Call, droplet: WireObject, isOn: boolean): Effect {
  const size = call.account.sizes.find((each) => each['slug'] === call.body['size']);
  if (!size) throw unprocessable('You specified an invalid size.');
  if (isOn) throw unprocessable('Droplet must be powered off before it can be resized.');
  if (Number(size['disk']) < Number(droplet['disk']))
    throw unprocessable("Size can not decrease size of Droplet's disk image");
  return { kind: 'resize', size: String(size['slug']), disk: call.body['disk'] === true };
}
