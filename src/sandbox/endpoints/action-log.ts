import type { WireObject } from '../account.js';
import { pendingEvent } from '../answers.js';
import { instant } from '../apply-due-changes.js';
import { slugOf } from '../catalog-lookup.js';
import type { Call } from '../router.js';
import type { Effect } from '../state.js';

export interface NewAction {
  readonly type: string;
  readonly seconds: number;
  readonly effect: Effect;
  /** The droplet that takes no other action meanwhile; null: none. */
  readonly dropletId: unknown;
  readonly resourceType: string;
  readonly resourceId: unknown;
  readonly region: unknown;
  /** `volume:…` or `ip:…`, by which actions are found whose `resource_id` does not tell. */
  readonly of?: string;
}

/** Begins an action and answers it as it is shown. Throws where the droplet is at something else. */
export function begin(call: Call, action: NewAction): WireObject {
  const dropletId = action.dropletId === null ? null : String(action.dropletId);
  if (dropletId !== null && isBusy(call, dropletId)) throw pendingEvent();
  const id = call.account.nextId++;
  const begun: WireObject = {
    id,
    status: 'in-progress',
    type: action.type,
    started_at: instant(call.now),
    completed_at: null,
    resource_id: action.resourceId,
    resource_type: action.resourceType,
    region: action.region,
    region_slug: slugOf(action.region),
    ...(action.of === undefined ? {} : { of: action.of }),
  };
  call.account.actions[id] = begun;
  call.after(action.seconds, { do: 'complete', actionId: String(id), dropletId, effect: action.effect });
  return shownAction(begun);
}

export function beginOfDroplet(
  call: Call,
  droplet: WireObject,
  { type, seconds, effect }: Pick<NewAction, 'type' | 'seconds' | 'effect'>,
): WireObject {
  const { id, region } = droplet;
  return begin(call, { type, seconds, effect, dropletId: id, resourceType: 'droplet', resourceId: id, region });
}

/** Whether an action of the droplet is still under way: it takes one at a time. */
export function isBusy({ state }: Call, dropletId: string): boolean {
  return state.pending.some(({ change }) => change.do === 'complete' && change.dropletId === dropletId);
}

export function assertIdle(call: Call, droplet: WireObject): void {
  if (isBusy(call, String(droplet['id']))) throw pendingEvent();
}

/** Newest first. */
export function actionsWhere({ account }: Call, isWanted: (action: WireObject) => boolean): WireObject[] {
  return Object.values(account.actions)
    .filter(isWanted)
    .sort((a, b) => Number(b['id']) - Number(a['id']))
    .map(shownAction);
}

export function shownAction({ of: _, ...action }: WireObject): WireObject {
  return action;
}
