import type { WireObject } from '../account.js';
import { accepted, noContent, notFound, ok, pendingEvent, unprocessable } from '../answers.js';
import { instant } from '../apply-due-changes.js';
import { listOf } from '../lists.js';
import { listed } from '../paging.js';
import { removeDroplet } from '../remove-droplet.js';
import type { Call, Routes } from '../router.js';
import { isSameTag } from '../tag-names.js';
import { isBusy } from './action-log.js';
import { createDroplet, readDropletForm, readName } from './create-droplet.js';
import { asDropletImage, dropletOf, dropletView, isGpu, shownDroplets } from './droplet-view.js';

export const droplets: Routes = {
  'GET /v2/droplets': (call) => {
    const { query } = call;
    const [tag, name, type] = [query.get('tag_name'), query.get('name'), query.get('type')];
    if (tag !== null && (name !== null || type !== null))
      throw unprocessable('tag_name cannot be combined with name or type.');
    if (type !== null && type !== 'droplets' && type !== 'gpus') throw unprocessable('type must be droplets or gpus.');
    const wanted = shownDroplets(call).filter((droplet) => {
      if (tag !== null) return hasTag(droplet, tag);
      if (isGpu(droplet) !== (type === 'gpus')) return false;
      return name === null || String(droplet['name']).toLowerCase() === name.toLowerCase();
    });
    return listed(
      call,
      'droplets',
      wanted.map((droplet) => dropletView(call, droplet)),
    );
  },

  'POST /v2/droplets': (call) => {
    const { names, name } = call.body;
    if (!Array.isArray(names)) {
      const { droplet, link } = createDroplet(call, readName(name), readDropletForm(call));
      return accepted({ droplet, links: { actions: [link] } });
    }
    if (names.length === 0 || names.length > 10) throw unprocessable('names must hold from 1 to 10 names.');
    const read = names.map(readName);
    const form = readDropletForm(call);
    if (form.volumes.length > 0 && read.length > 1) throw unprocessable('Volumes go with a single Droplet.');
    const made = read.map((each) => createDroplet(call, each, form));
    return accepted({
      droplets: made.map(({ droplet }) => droplet),
      links: { actions: made.map(({ link }) => link) },
    });
  },

  /** Every one with the tag, whatever it is at. */
  'DELETE /v2/droplets': (call) => {
    const tag = call.query.get('tag_name');
    if (!tag) throw unprocessable('tag_name is required.');
    for (const droplet of Object.values(call.account.droplets)) if (hasTag(droplet, tag)) destroy(call, droplet);
    return noContent;
  },

  'GET /v2/droplets/:id': (call) => ok({ droplet: dropletView(call, dropletOf(call)) }),

  'DELETE /v2/droplets/:id': (call) => {
    const id = call.params['id'] as string;
    const droplet = call.account.droplets[id];
    if (!droplet) throw notFound();
    if (isBusy(call, id)) throw pendingEvent();
    destroy(call, droplet);
    return noContent;
  },

  'GET /v2/droplets/:id/backups': (call) => {
    dropletOf(call);
    return listed(call, 'backups', call.account.backups[call.params['id'] as string] ?? []);
  },

  'GET /v2/droplets/:id/snapshots': (call) => {
    dropletOf(call);
    const own = Object.values(call.account.snapshots).filter(
      (snapshot) => snapshot['resource_id'] === call.params['id'] && !call.state.hidden[`snapshots/${snapshot['id']}`],
    );
    return listed(call, 'snapshots', own.map(asDropletImage));
  },
};

function hasTag(droplet: WireObject, tag: string): boolean {
  return listOf(droplet, 'tags').some((each) => isSameTag(each, tag));
}

function destroy({ account, state, now }: Call, droplet: WireObject): void {
  removeDroplet(state, droplet);
  const actionId = account.nextId++;
  account.actions[actionId] = {
    id: actionId,
    status: 'completed',
    type: 'destroy',
    started_at: instant(now),
    completed_at: instant(now),
    resource_id: droplet['id'],
    resource_type: 'droplet',
    region: droplet['region'],
    region_slug: (droplet['region'] as WireObject)['slug'],
  };
}
