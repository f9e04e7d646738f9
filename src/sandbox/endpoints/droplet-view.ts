import type { WireObject } from '../account.js';
import { notFound } from '../answers.js';
import { regionObject } from '../golden/sizes.js';
import type { Call } from '../router.js';

/** Everything that lists show; a fresh droplet is not among it for a while. */
export function shownDroplets({ account, state }: Call): WireObject[] {
  return Object.values(account.droplets).filter((droplet) => !state.hidden[`droplets/${droplet['id']}`]);
}

/** Throws 404 for one that is gone, or so fresh that it is not shown yet. */
export function dropletOf(call: Call, id = call.params['id'] as string): WireObject {
  const droplet = call.account.droplets[id];
  if (!droplet || call.state.hidden[`droplets/${id}`]) throw notFound();
  return droplet;
}

export function isGpu(droplet: WireObject): boolean {
  return String(droplet['size_slug']).startsWith('gpu-');
}

/** Whether an action of the droplet is still under way: it takes one at a time. */
export function isBusy({ state }: Call, dropletId: string): boolean {
  return state.pending.some(({ change }) => change.do === 'complete' && change.dropletId === dropletId);
}

export function actionObject(id: number, type: string, droplet: WireObject, startedAt: string): WireObject {
  const region = (droplet['region'] as WireObject)['slug'] as string;
  return {
    id,
    status: 'in-progress',
    type,
    started_at: startedAt,
    completed_at: null,
    resource_id: droplet['id'],
    resource_type: 'droplet',
    region: regionObject(region),
    region_slug: region,
  };
}

/** Makes sure that every tag of the list exists, as DigitalOcean does. */
export function addTags({ account }: Call, names: readonly string[]): void {
  for (const name of names) account.tags[name] ??= { name };
}
