import type { WireObject } from '../account.js';
import { reservedAddress } from '../addresses.js';
import { accepted, created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { findRegion } from '../catalog-lookup.js';
import { joinDefault, leaveProject, projectIdOf } from '../membership.js';
import { listed } from '../paging.js';
import type { Call, Endpoint, Routes } from '../router.js';
import { actionsWhere, assertIdle, begin, shownAction } from './action-log.js';
import { dropletOf, dropletView } from './droplet-view.js';

/** Seconds that assigning and taking away take. */
const SECONDS = 4;

/** The same addresses under their old and their new name. */
export const reservedIps: Routes = {
  ...routesOf('floating_ips', 'floating_ip'),
  ...routesOf('reserved_ips', 'reserved_ip'),
};

function routesOf(path: 'floating_ips' | 'reserved_ips', one: string): Record<string, Endpoint> {
  return {
    [`GET /v2/${path}`]: (call) => {
      const all = Object.values(call.account.floatingIps).map((ip) => shown(call, ip));
      return listed(call, path, all);
    },
    [`GET /v2/${path}/:ip`]: (call) => ok({ [one]: shown(call, ipOf(call)) }),
    [`POST /v2/${path}`]: (call) => reserve(call, one),
    [`DELETE /v2/${path}/:ip`]: (call) => {
      const { ip } = ipOf(call);
      delete call.account.floatingIps[String(ip)];
      leaveProject(call.account, `do:floatingip:${ip}`);
      return noContent;
    },
    [`GET /v2/${path}/:ip/actions`]: (call) => {
      const of = `ip:${ipOf(call)['ip']}`;
      const own = actionsWhere(call, (action) => action['of'] === of);
      return listed(call, 'actions', own);
    },
    [`GET /v2/${path}/:ip/actions/:actionId`]: (call) => {
      const action = call.account.actions[call.params['actionId'] as string];
      if (action?.['of'] !== `ip:${ipOf(call)['ip']}`) throw notFound();
      return ok({ action: shownAction(action) });
    },
    [`POST /v2/${path}/:ip/actions`]: (call) => {
      const ip = ipOf(call);
      const type = call.body['type'];
      if (type !== 'assign' && type !== 'unassign') throw unprocessable('type must be assign or unassign.');
      if (type === 'unassign' && dropletIdOf(ip) === null)
        throw unprocessable('The floating IP is not assigned to a Droplet.');
      return created({ action: type === 'assign' ? assign(call, ip, one) : unassign(call, ip, one) });
    },
  };
}

function ipOf({ account, params }: Call): WireObject {
  const ip = account.floatingIps[params['ip'] as string];
  if (!ip) throw notFound();
  return ip;
}

function shown(call: Call, ip: WireObject): WireObject {
  const { droplet_id: _, ...rest } = ip;
  const droplet = call.account.droplets[String(dropletIdOf(ip))];
  const projectId = projectIdOf(call.account, `do:floatingip:${ip['ip']}`) ?? ip['project_id'];
  return { ...rest, droplet: droplet ? dropletView(call, droplet) : null, project_id: projectId };
}

/** Kept as an id; one that was put in from outside may hold the whole droplet. */
function dropletIdOf(ip: WireObject): unknown {
  return ip['droplet_id'] ?? (ip['droplet'] as WireObject | null | undefined)?.['id'] ?? null;
}

function reserve(call: Call, one: string) {
  const { account, body, now, origin } = call;
  const wanted = body['droplet_id'] ?? null;
  const droplet = wanted === null ? null : account.droplets[String(wanted)];
  if (wanted !== null && !droplet) throw unprocessable('The droplet does not exist.');
  if (droplet) assertIdle(call, droplet);
  const region = droplet ? droplet['region'] : findRegion(account, body['region']);
  if (!region) throw unprocessable('droplet_id or region is required.');
  const project = body['project_id'] === undefined ? undefined : account.projects[String(body['project_id'])];
  if (body['project_id'] !== undefined && !project) throw unprocessable('The project does not exist.');
  const address = reservedAddress(account.nextId++);
  const ip: WireObject = { ip: address, region, droplet_id: null, locked: droplet !== null };
  account.floatingIps[address] = ip;
  joinDefault(account, `do:floatingip:${address}`, now);
  const membership = project && leaveProject(account, `do:floatingip:${address}`);
  if (membership) project?.members.push(membership);
  if (!droplet) return accepted({ [one]: shown(call, ip), links: {} });
  const action = assign(call, ip, one);
  const links = {
    droplets: [{ id: droplet['id'], rel: 'droplets', href: `${origin}/v2/droplets/${droplet['id']}` }],
    actions: [{ id: action['id'], rel: 'assign_ip', href: `${origin}/v2/actions/${action['id']}` }],
  };
  return accepted({ [one]: shown(call, ip), links });
}

function assign(call: Call, ip: WireObject, one: string): WireObject {
  const droplet = dropletOf(call, String(call.body['droplet_id']));
  const address = String(ip['ip']);
  return beginOfIp(call, ip, one, { type: 'assign_ip', effect: { kind: 'assign', ip: address } }, droplet['id']);
}

function unassign(call: Call, ip: WireObject, one: string): WireObject {
  const address = String(ip['ip']);
  const effect = { kind: 'unassign', ip: address } as const;
  return beginOfIp(call, ip, one, { type: 'unassign_ip', effect }, dropletIdOf(ip));
}

function beginOfIp(
  call: Call,
  ip: WireObject,
  resourceType: string,
  { type, effect }: Pick<Parameters<typeof begin>[1], 'type' | 'effect'>,
  dropletId: unknown,
): WireObject {
  const address = String(ip['ip']);
  const isPending = call.state.pending.some(
    ({ change }) => change.do === 'complete' && 'ip' in change.effect && change.effect.ip === address,
  );
  if (isPending) throw unprocessable('The floating IP already has a pending event.');
  const resourceId = address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
  const common = { seconds: SECONDS, resourceType, resourceId, region: ip['region'], of: `ip:${address}` };
  return begin(call, { ...common, type, effect, dropletId });
}
