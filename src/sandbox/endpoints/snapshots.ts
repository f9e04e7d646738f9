import type { Account, WireObject } from '../account.js';
import { badRequest, noContent, notFound, ok, unprocessable } from '../answers.js';
import { listOf } from '../lists.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';

export const snapshots: Routes = {
  'GET /v2/snapshots': (call) => {
    const type = call.query.get('resource_type');
    if (type !== null && type !== 'droplet' && type !== 'volume')
      throw unprocessable('resource_type must be droplet or volume.');
    const shown = Object.values(call.account.snapshots).filter(
      (snapshot) =>
        !call.state.hidden[`snapshots/${snapshot['id']}`] && (type === null || snapshot['resource_type'] === type),
    );
    return listed(call, 'snapshots', shown);
  },
  'GET /v2/snapshots/:id': (call) => ok({ snapshot: snapshotOf(call) }),
  'DELETE /v2/snapshots/:id': (call) => {
    removeSnapshot(call.account, snapshotOf(call));
    return noContent;
  },
};

export function removeSnapshot({ snapshots: all, droplets }: Account, snapshot: WireObject): void {
  const id = String(snapshot['id']);
  delete all[id];
  for (const droplet of Object.values(droplets)) {
    droplet['snapshot_ids'] = listOf(droplet, 'snapshot_ids').filter((each) => String(each) !== id);
  }
}

function snapshotOf({ account, params }: Call): WireObject {
  const id = params['id'] as string;
  const snapshot = account.snapshots[id];
  if (snapshot) return snapshot;
  const isBackup = Object.values(account.backups).some((list) => list.some((backup) => String(backup['id']) === id));
  throw isBackup ? badRequest('the resource is not a snapshot') : notFound();
}
