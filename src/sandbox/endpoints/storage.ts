import { randomUUID } from 'node:crypto';
import { badRequest, created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { regionObject } from '../golden/sizes.js';
import { listed } from '../paging.js';
import type { Routes } from '../router.js';
import { instant } from '../settle.js';

export const storage: Routes = {
  'GET /v2/snapshots': (call) => {
    const type = call.query.get('resource_type');
    const shown = Object.values(call.account.snapshots).filter(
      (snapshot) =>
        !call.state.hidden[`snapshots/${snapshot['id']}`] && (type === null || snapshot['resource_type'] === type),
    );
    return listed(call, 'snapshots', shown);
  },
  'GET /v2/snapshots/:id': ({ account, params }) => {
    const snapshot = account.snapshots[params['id'] as string];
    if (snapshot) return ok({ snapshot });
    throw isBackup(account.backups, params['id'] as string) ? badRequest('the resource is not a snapshot') : notFound();
  },
  'DELETE /v2/snapshots/:id': ({ account, params }) => {
    const id = params['id'] as string;
    if (!account.snapshots[id])
      throw isBackup(account.backups, id) ? badRequest('the resource is not a snapshot') : notFound();
    delete account.snapshots[id];
    for (const droplet of Object.values(account.droplets)) {
      droplet['snapshot_ids'] = (droplet['snapshot_ids'] as number[]).filter((each) => String(each) !== id);
    }
    return noContent;
  },

  'GET /v2/volumes': (call) => {
    const [name, region] = [call.query.get('name'), call.query.get('region')];
    const wanted = Object.values(call.account.volumes).filter(
      (volume) =>
        (name === null || volume['name'] === name) &&
        (region === null || (volume['region'] as { slug: string }).slug === region),
    );
    return listed(call, 'volumes', wanted);
  },
  'POST /v2/volumes': ({ account, body, now }) => {
    const { name, size_gigabytes: size, region } = body;
    if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(name))
      throw unprocessable('name must be lowercase and start with a letter');
    if (typeof size !== 'number' || size < 1) throw unprocessable('size_gigabytes must be at least 1');
    const id = randomUUID();
    const volume = {
      id,
      region: regionObject(String(region ?? 'syd1')),
      droplet_ids: [],
      name,
      description: String(body['description'] ?? ''),
      size_gigabytes: size,
      created_at: instant(now),
      filesystem_type: '',
      filesystem_label: '',
      tags: (body['tags'] ?? []) as string[],
    };
    account.volumes[id] = volume;
    return created({ volume });
  },
  'GET /v2/volumes/:id': ({ account, params }) => {
    const volume = account.volumes[params['id'] as string];
    if (!volume) throw notFound();
    return ok({ volume });
  },
  'DELETE /v2/volumes/:id': ({ account, params }) => {
    if (!account.volumes[params['id'] as string]) throw notFound();
    delete account.volumes[params['id'] as string];
    return noContent;
  },
};

function isBackup(backups: Readonly<Record<string, { [key: string]: unknown }[]>>, id: string): boolean {
  return Object.values(backups).some((list) => list.some((backup) => String(backup['id']) === id));
}
