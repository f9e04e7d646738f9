import type { WireObject } from '../account.js';
import { accepted, created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { regionObject } from '../golden/sizes.js';
import { listed } from '../paging.js';
import type { Call, Endpoint, Routes } from '../router.js';
import { instant } from '../settle.js';

/** The same addresses under their old and their new name. */
function ipRoutes(path: 'floating_ips' | 'reserved_ips', one: string): Record<string, Endpoint> {
  const shown = (ip: WireObject, { account }: Call) => ({
    ...ip,
    droplet: ip['droplet_id'] === null ? null : (account.droplets[String(ip['droplet_id'])] ?? null),
    droplet_id: undefined,
  });
  const ipOf = ({ account, params }: Call): WireObject => {
    const ip = account.floatingIps[params['ip'] as string];
    if (!ip) throw notFound();
    return ip;
  };
  return {
    [`GET /v2/${path}`]: (call) =>
      listed(
        call,
        path,
        Object.values(call.account.floatingIps).map((ip) => shown(ip, call)),
      ),
    [`GET /v2/${path}/:ip`]: (call) => ok({ [one]: shown(ipOf(call), call) }),
    [`POST /v2/${path}`]: (call) => {
      const dropletId = call.body['droplet_id'] ?? null;
      const droplet = dropletId === null ? null : call.account.droplets[String(dropletId)];
      if (dropletId !== null && !droplet) throw unprocessable('The droplet does not exist.');
      const region = droplet ? String((droplet['region'] as WireObject)['slug']) : String(call.body['region'] ?? '');
      if (region === '') throw unprocessable('droplet_id or region is required.');
      const ip = `209.38.20.${(Object.keys(call.account.floatingIps).length + 10) % 250}`;
      const home = Object.values(call.account.projects).find(({ project }) => project['is_default']);
      const made = {
        ip,
        region: regionObject(region),
        droplet_id: dropletId,
        locked: false,
        project_id: home?.project['id'],
      };
      call.account.floatingIps[ip] = made;
      return accepted({ [one]: shown(made, call), links: {} });
    },
    [`DELETE /v2/${path}/:ip`]: (call) => {
      ipOf(call);
      delete call.account.floatingIps[call.params['ip'] as string];
      return noContent;
    },
    [`POST /v2/${path}/:ip/actions`]: (call) => {
      const ip = ipOf(call);
      const type = call.body['type'];
      if (type !== 'assign' && type !== 'unassign') throw unprocessable('type must be assign or unassign.');
      ip['droplet_id'] = type === 'assign' ? call.body['droplet_id'] : null;
      const id = call.account.nextId++;
      const action = {
        id,
        status: 'completed',
        type: `${type}_ip`,
        started_at: instant(call.now),
        completed_at: instant(call.now),
        resource_id: Number(String(ip['ip']).split('.').join('')),
        resource_type: one,
        region: ip['region'],
        region_slug: (ip['region'] as WireObject)['slug'],
      };
      call.account.actions[id] = action;
      return created({ action });
    },
  };
}

function collectionRoutes(
  path: string,
  key: string,
  one: string,
  of: (call: Call) => Record<string, WireObject>,
): Record<string, Endpoint> {
  return {
    [`GET /v2/${path}`]: (call) => listed(call, key, Object.values(of(call))),
    [`GET /v2/${path}/:id`]: (call) => {
      const found = of(call)[call.params['id'] as string];
      if (!found) throw notFound();
      return ok({ [one]: found });
    },
    [`DELETE /v2/${path}/:id`]: (call) => {
      if (!of(call)[call.params['id'] as string]) throw notFound();
      delete of(call)[call.params['id'] as string];
      return noContent;
    },
  };
}

export const network: Routes = {
  ...ipRoutes('floating_ips', 'floating_ip'),
  ...ipRoutes('reserved_ips', 'reserved_ip'),
  ...collectionRoutes('firewalls', 'firewalls', 'firewall', ({ account }) => account.firewalls),
  ...collectionRoutes('load_balancers', 'load_balancers', 'load_balancer', ({ account }) => account.loadBalancers),
};
