import { randomUUID } from 'node:crypto';
import type { WireObject } from '../account.js';
import { ApiError, accepted, created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { instant } from '../apply-due-changes.js';
import { findRegion, slugOf } from '../catalog-lookup.js';
import { listOf } from '../lists.js';
import { joinDefault, leaveProject } from '../membership.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import { ensureTags } from '../tag-names.js';
import { actionsWhere, shownAction } from './action-log.js';
import { removeSnapshot } from './snapshots.js';
import { actOnVolume } from './volume-actions.js';

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

export const volumes: Routes = {
  'GET /v2/volumes': (call) => listed(call, 'volumes', named(call)),
  'POST /v2/volumes': (call) => created({ volume: createVolume(call) }),
  'DELETE /v2/volumes': (call) => {
    const [volume] = call.query.has('name') && call.query.has('region') ? named(call) : [];
    if (!volume) throw notFound();
    return remove(call, volume);
  },
  'GET /v2/volumes/:id': (call) => ok({ volume: volumeOf(call) }),
  'DELETE /v2/volumes/:id': (call) => remove(call, volumeOf(call)),

  'POST /v2/volumes/actions': (call) => {
    const volume = Object.values(call.account.volumes).find((each) => each['name'] === call.body['volume_name']);
    if (!volume) throw notFound();
    return accepted({ action: actOnVolume(call, volume) });
  },
  'POST /v2/volumes/:id/actions': (call) => accepted({ action: actOnVolume(call, volumeOf(call)) }),
  'GET /v2/volumes/:id/actions': (call) => {
    const of = `volume:${volumeOf(call)['id']}`;
    return listed(
      call,
      'actions',
      actionsWhere(call, (action) => action['of'] === of),
    );
  },
  'GET /v2/volumes/:id/actions/:actionId': (call) => {
    const action = call.account.actions[call.params['actionId'] as string];
    if (action?.['of'] !== `volume:${volumeOf(call)['id']}`) throw notFound();
    return ok({ action: shownAction(action) });
  },

  'GET /v2/volumes/:id/snapshots': (call) => {
    const { id } = volumeOf(call);
    const own = Object.values(call.account.snapshots).filter((snapshot) => snapshot['resource_id'] === id);
    return listed(call, 'snapshots', own);
  },
  'POST /v2/volumes/:id/snapshots': (call) => created({ snapshot: takeSnapshot(call, volumeOf(call)) }),
  'GET /v2/volumes/snapshots/:id': (call) => ok({ snapshot: snapshotOf(call) }),
  'DELETE /v2/volumes/snapshots/:id': (call) => {
    removeSnapshot(call.account, snapshotOf(call));
    return noContent;
  },
};

function named({ account, query }: Call): WireObject[] {
  const [name, region] = [query.get('name'), query.get('region')];
  return Object.values(account.volumes).filter(
    (volume) => (name === null || volume['name'] === name) && (region === null || slugOf(volume['region']) === region),
  );
}

function volumeOf({ account, params }: Call): WireObject {
  const volume = account.volumes[params['id'] as string];
  if (!volume) throw notFound();
  return volume;
}

function snapshotOf({ account, params }: Call): WireObject {
  const snapshot = account.snapshots[params['id'] as string];
  if (snapshot?.['resource_type'] !== 'volume') throw notFound();
  return snapshot;
}

function createVolume({ account, body, now }: Call): WireObject {
  const { name, size_gigabytes: sizeGb, snapshot_id: snapshotId } = body;
  if (typeof name !== 'string' || !NAME.test(name))
    throw unprocessable('name must be lowercase letters, digits and dashes, and start with a letter');
  if (!Number.isInteger(sizeGb) || Number(sizeGb) < 1) throw unprocessable('size_gigabytes must be at least 1');
  const source = snapshotId === undefined ? undefined : account.snapshots[String(snapshotId)];
  if (snapshotId !== undefined && source?.['resource_type'] !== 'volume') throw unprocessable('snapshot_id is unknown');
  const region = findRegion(account, body['region'] ?? listOf(source ?? {}, 'regions')[0]);
  if (!region) throw unprocessable('region is required');
  const isTaken = Object.values(account.volumes).some(
    (volume) => volume['name'] === name && slugOf(volume['region']) === region['slug'],
  );
  if (isTaken) throw new ApiError(409, 'conflict', 'a volume with this name already exists in the region');
  const id = randomUUID();
  const volume = {
    id,
    region,
    droplet_ids: [],
    name,
    description: String(body['description'] ?? ''),
    size_gigabytes: sizeGb,
    created_at: instant(now),
    filesystem_type: String(body['filesystem_type'] ?? ''),
    filesystem_label: String(body['filesystem_label'] ?? ''),
    tags: ensureTags(account, body['tags']),
  };
  account.volumes[id] = volume;
  joinDefault(account, `do:volume:${id}`, now);
  return volume;
}

/** Its snapshots stay. */
function remove({ account }: Call, volume: WireObject) {
  if (listOf(volume, 'droplet_ids').length > 0) {
    const message = "A volume that's attached to a Droplet cannot be deleted. Please detach it first before deleting.";
    throw new ApiError(409, 'conflict', message);
  }
  leaveProject(account, `do:volume:${volume['id']}`);
  delete account.volumes[String(volume['id'])];
  return noContent;
}

function takeSnapshot({ account, body, now }: Call, volume: WireObject): WireObject {
  if (typeof body['name'] !== 'string' || body['name'] === '') throw unprocessable('name is required');
  const id = randomUUID();
  const snapshot = {
    id,
    name: body['name'],
    regions: [slugOf(volume['region'])],
    created_at: instant(now),
    resource_id: volume['id'],
    resource_type: 'volume',
    min_disk_size: volume['size_gigabytes'],
    size_gigabytes: Math.round(Number(volume['size_gigabytes']) * 100.8) / 10_000,
    tags: ensureTags(account, body['tags']),
  };
  account.snapshots[id] = snapshot;
  return snapshot;
}
