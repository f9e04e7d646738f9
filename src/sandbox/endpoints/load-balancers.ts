import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Account, WireObject } from '../account.js';
import { accepted, noContent, notFound, ok, unprocessable } from '../answers.js';
import { instant } from '../apply-due-changes.js';
import { findRegion } from '../catalog-lookup.js';
import { defaultVpc } from '../golden/vpcs.js';
import { listOf } from '../lists.js';
import { joinDefault, leaveProject, projectIdOf } from '../membership.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import { findTag, isSameTag } from '../tag-names.js';

type SandboxProject = Account['projects'][string];

/** Seconds until a new one is active and has its address. */
const STARTING = 60;
const DEFAULTS: WireObject = {
  size: 'lb-small',
  size_unit: 1,
  algorithm: 'round_robin',
  health_check: {
    protocol: 'http',
    port: 80,
    path: '/',
    check_interval_seconds: 10,
    response_timeout_seconds: 5,
    unhealthy_threshold: 3,
    healthy_threshold: 5,
  },
  sticky_sessions: { type: 'none' },
  redirect_http_to_https: false,
  enable_proxy_protocol: false,
  enable_backend_keepalive: false,
  disable_lets_encrypt_dns_records: false,
  http_idle_timeout_seconds: 60,
  vpc_uuid: defaultVpc.id,
  network: 'EXTERNAL',
  type: 'REGIONAL',
};
const SETTINGS = [...Object.keys(DEFAULTS), 'firewall', 'domains', 'glb_settings', 'tls_cipher_policy'];

export const loadBalancers: Routes = {
  'GET /v2/load_balancers': (call) => {
    const all = Object.values(call.account.loadBalancers).map((balancer) => shown(call, balancer));
    return listed(call, 'load_balancers', all);
  },
  'POST /v2/load_balancers': (call) => {
    const { account, now } = call;
    const id = randomUUID();
    const project = wantedProject(call);
    const balancer = { id, ip: '', status: 'new', created_at: instant(now), ...read(call) };
    account.loadBalancers[id] = balancer;
    joinDefault(account, `do:loadbalancer:${id}`, now);
    moveTo(account, id, project);
    call.after(STARTING, { do: 'balance', loadBalancerId: id });
    return accepted({ load_balancer: shown(call, balancer) });
  },
  'GET /v2/load_balancers/:id': (call) => ok({ load_balancer: shown(call, balancerOf(call)) }),
  'PUT /v2/load_balancers/:id': (call) => {
    const balancer = balancerOf(call);
    const project = wantedProject(call);
    const { region, ...changed } = read(call, balancer);
    Object.assign(balancer, changed, { region: balancer['region'] ?? region });
    moveTo(call.account, String(balancer['id']), project);
    return ok({ load_balancer: shown(call, balancer) });
  },
  'DELETE /v2/load_balancers/:id': (call) => {
    const id = String(balancerOf(call)['id']);
    leaveProject(call.account, `do:loadbalancer:${id}`);
    delete call.account.loadBalancers[id];
    return noContent;
  },
  'POST /v2/load_balancers/:id/droplets': (call) => {
    const balancer = balancerOf(call);
    balancer['droplet_ids'] = [...new Set([...listOf(balancer, 'droplet_ids'), ...dropletIds(call)])];
    return noContent;
  },
  'DELETE /v2/load_balancers/:id/droplets': (call) => {
    const balancer = balancerOf(call);
    const given = dropletIds(call);
    balancer['droplet_ids'] = listOf(balancer, 'droplet_ids').filter((id) => !given.includes(id));
    return noContent;
  },
  'POST /v2/load_balancers/:id/forwarding_rules': (call) => {
    const balancer = balancerOf(call);
    balancer['forwarding_rules'] = [...listOf(balancer, 'forwarding_rules'), ...forwardingRules(call)];
    return noContent;
  },
  'DELETE /v2/load_balancers/:id/forwarding_rules': (call) => {
    const balancer = balancerOf(call);
    const given = forwardingRules(call);
    const left = listOf(balancer, 'forwarding_rules').filter(
      (own) => !given.some((rule) => isDeepStrictEqual(own, rule)),
    );
    if (left.length === 0) throw unprocessable('A load balancer needs at least one forwarding rule.');
    balancer['forwarding_rules'] = left;
    return noContent;
  },
};

function balancerOf({ account, params }: Call): WireObject {
  const balancer = account.loadBalancers[params['id'] as string];
  if (!balancer) throw notFound();
  return balancer;
}

/** With the droplets that its tag means at the moment. */
function shown({ account }: Call, balancer: WireObject): WireObject {
  const tag = String(balancer['tag'] ?? '');
  const tagged = Object.values(account.droplets).filter(
    (droplet) => tag !== '' && listOf(droplet, 'tags').some((each) => isSameTag(each, tag)),
  );
  const projectId = projectIdOf(account, `do:loadbalancer:${balancer['id']}`) ?? balancer['project_id'];
  return {
    ...balancer,
    droplet_ids: tag === '' ? listOf(balancer, 'droplet_ids') : tagged.map((droplet) => droplet['id']),
    ...(projectId === undefined ? {} : { project_id: projectId }),
  };
}

function read(call: Call, before?: WireObject): WireObject {
  const { account, body } = call;
  const name = body['name'];
  if (typeof name !== 'string' || name === '') throw unprocessable('name is required');
  const type = body['type'] ?? before?.['type'] ?? DEFAULTS['type'];
  const region = findRegion(account, body['region']) ?? before?.['region'];
  if (!region && type !== 'GLOBAL') throw unprocessable('region is required');
  if (body['tag'] && body['droplet_ids']) throw unprocessable('tag cannot be combined with droplet_ids');
  if (body['tag'] && findTag(account, String(body['tag'])) === undefined) throw unprocessable('tag does not exist');
  const settings = SETTINGS.flatMap((key) => {
    const value = body[key] ?? DEFAULTS[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    name,
    ...Object.fromEntries(settings),
    ...(region ? { region } : {}),
    forwarding_rules: forwardingRules(call),
    droplet_ids: body['droplet_ids'] ? dropletIds(call) : [],
    tag: body['tag'] ?? '',
  };
}

function forwardingRules({ body }: Call): WireObject[] {
  const given = body['forwarding_rules'];
  if (!Array.isArray(given) || given.length === 0) throw unprocessable('forwarding_rules is required');
  return (given as WireObject[]).map((rule) => {
    for (const key of ['entry_protocol', 'entry_port', 'target_protocol', 'target_port'])
      if (rule[key] === undefined) throw unprocessable(`${key} is required`);
    return { certificate_id: '', tls_passthrough: false, ...rule };
  });
}

function dropletIds({ account, body }: Call): unknown[] {
  const given = body['droplet_ids'];
  if (!Array.isArray(given) || given.length === 0) throw unprocessable('droplet_ids is required');
  return given.map((id) => {
    const droplet = account.droplets[String(id)];
    if (!droplet) throw unprocessable('droplet_ids names what does not exist');
    return droplet['id'];
  });
}

function wantedProject({ account, body }: Call): SandboxProject | null {
  if (body['project_id'] === undefined) return null;
  const project = account.projects[String(body['project_id'])];
  if (!project) throw unprocessable('project_id names what does not exist');
  return project;
}

function moveTo(account: Account, id: string, project: SandboxProject | null): void {
  const membership = project && leaveProject(account, `do:loadbalancer:${id}`);
  if (membership) project.members.push(membership);
}
