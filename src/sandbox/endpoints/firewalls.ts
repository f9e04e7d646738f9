import { randomUUID } from 'node:crypto';
import type { WireObject } from '../account.js';
import { accepted, noContent, notFound, ok, unprocessable } from '../answers.js';
import { instant } from '../apply-due-changes.js';
import { listOf } from '../lists.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import { findTag } from '../tag-names.js';
import { type RuleKind, readRules, sameRule } from './firewall-rules.js';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9.-]+$/;
/** Seconds until a change has reached the droplets. */
const SPREADING = 3;

export const firewalls: Routes = {
  'GET /v2/firewalls': (call) => listed(call, 'firewalls', Object.values(call.account.firewalls)),
  'POST /v2/firewalls': (call) => {
    const firewall = { id: randomUUID(), created_at: instant(call.now), ...read(call) };
    call.account.firewalls[firewall.id] = firewall;
    spread(call, firewall);
    return accepted({ firewall });
  },
  'GET /v2/firewalls/:id': (call) => ok({ firewall: firewallOf(call) }),
  'PUT /v2/firewalls/:id': (call) => {
    const firewall = firewallOf(call);
    Object.assign(firewall, read(call));
    spread(call, firewall);
    return ok({ firewall });
  },
  'DELETE /v2/firewalls/:id': (call) => {
    delete call.account.firewalls[String(firewallOf(call)['id'])];
    return noContent;
  },
  'POST /v2/firewalls/:id/droplets': (call) =>
    change(call, 'droplet_ids', (own, given) => [...new Set([...own, ...given])]),
  'DELETE /v2/firewalls/:id/droplets': (call) => change(call, 'droplet_ids', without),
  'POST /v2/firewalls/:id/tags': (call) => change(call, 'tags', (own, given) => [...new Set([...own, ...given])]),
  'DELETE /v2/firewalls/:id/tags': (call) => change(call, 'tags', without),
  'POST /v2/firewalls/:id/rules': (call) =>
    changeRules(call, (own, given) => [...own.filter((rule) => !given.some((each) => sameRule(each, rule))), ...given]),
  'DELETE /v2/firewalls/:id/rules': (call) =>
    changeRules(call, (own, given) => own.filter((rule) => !given.some((each) => sameRule(each, rule)))),
};

function firewallOf({ account, params }: Call): WireObject {
  const firewall = account.firewalls[params['id'] as string];
  if (!firewall) throw notFound();
  return firewall;
}

function read(call: Call): WireObject {
  const { body } = call;
  if (typeof body['name'] !== 'string' || !NAME.test(body['name'])) throw unprocessable('name is not a valid name');
  const rules = { inbound_rules: readRules(body, 'inbound_rules'), outbound_rules: readRules(body, 'outbound_rules') };
  if (rules.inbound_rules.length + rules.outbound_rules.length === 0)
    throw unprocessable('A firewall needs at least one rule.');
  return { name: body['name'], ...rules, droplet_ids: targets(call, 'droplet_ids'), tags: targets(call, 'tags') };
}

/** The droplets or tags of the body, each of which exists. */
function targets({ account, body }: Call, field: 'droplet_ids' | 'tags'): unknown[] {
  const given = body[field] ?? [];
  if (!Array.isArray(given)) throw unprocessable(`${field} must be a list`);
  return given.map((each) => {
    const known = field === 'tags' ? findTag(account, String(each)) : account.droplets[String(each)]?.['id'];
    if (known === undefined) throw unprocessable(`${field} names what does not exist`);
    return known;
  });
}

function change(call: Call, field: 'droplet_ids' | 'tags', combine: (own: unknown[], given: unknown[]) => unknown[]) {
  const firewall = firewallOf(call);
  const given = targets(call, field);
  if (given.length === 0) throw unprocessable(`${field} is required`);
  firewall[field] = combine(listOf(firewall, field), given);
  spread(call, firewall);
  return noContent;
}

function without(own: unknown[], given: unknown[]): unknown[] {
  return own.filter((each) => !given.includes(each));
}

function changeRules(call: Call, combine: (own: WireObject[], given: WireObject[]) => WireObject[]) {
  const firewall = firewallOf(call);
  const kinds: RuleKind[] = ['inbound_rules', 'outbound_rules'];
  const given = kinds.map((kind) => readRules(call.body, kind));
  if (given.every((rules) => rules.length === 0)) throw unprocessable('rules are required');
  kinds.forEach((kind, n) => {
    firewall[kind] = combine(listOf(firewall, kind) as WireObject[], given[n] as WireObject[]);
  });
  spread(call, firewall);
  return noContent;
}

/** A change waits until it has reached every droplet. */
function spread(call: Call, firewall: WireObject): void {
  firewall['status'] = 'waiting';
  firewall['pending_changes'] = listOf(firewall, 'droplet_ids').map((id) => ({
    droplet_id: id,
    removing: false,
    status: 'waiting',
  }));
  call.after(SPREADING, { do: 'spread', firewallId: String(firewall['id']) });
}
