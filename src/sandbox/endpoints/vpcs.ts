import { randomUUID } from 'node:crypto';
import type { WireObject } from '../account.js';
import { created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { instant } from '../apply-due-changes.js';
import { findRegion, slugOf } from '../catalog-lookup.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';

const NAME = /^[a-zA-Z0-9\-.]+$/;
const RANGE = /^(?:10|172|192)(?:\.\d{1,3}){3}\/(?:1[6-9]|2[0-8])$/;
const MAX_DESCRIPTION = 255;

export const vpcs: Routes = {
  'GET /v2/vpcs': (call) => listed(call, 'vpcs', Object.values(call.account.vpcs)),
  'POST /v2/vpcs': (call) => created({ vpc: createVpc(call) }),
  'GET /v2/vpcs/:id': (call) => ok({ vpc: vpcOf(call) }),
  'PUT /v2/vpcs/:id': (call) => {
    const vpc = vpcOf(call);
    return ok({ vpc: change(call, vpc, { name: nameIn(call, vpc), description: descriptionIn(call) ?? '' }) });
  },
  'PATCH /v2/vpcs/:id': (call) => {
    const vpc = vpcOf(call);
    const name = call.body['name'] === undefined ? vpc['name'] : nameIn(call, vpc);
    return ok({ vpc: change(call, vpc, { name, description: descriptionIn(call) ?? vpc['description'] }) });
  },
  'DELETE /v2/vpcs/:id': (call) => {
    const { id, ...vpc } = vpcOf(call);
    if (vpc['default'] === true) throw unprocessable('The default VPC of a region cannot be deleted.');
    const { droplets, loadBalancers } = call.account;
    const members = [...Object.values(droplets), ...Object.values(loadBalancers)];
    if (members.some((member) => member['vpc_uuid'] === id)) throw unprocessable('The VPC still has members.');
    delete call.account.vpcs[String(id)];
    return noContent;
  },
};

function vpcOf({ account, params }: Call): WireObject {
  const vpc = account.vpcs[params['id'] as string];
  if (!vpc) throw notFound();
  return vpc;
}

function createVpc(call: Call): WireObject {
  const { account, body, now } = call;
  const region = findRegion(account, body['region']);
  if (!region) throw unprocessable('region is required');
  const id = randomUUID();
  const vpc = {
    id,
    urn: `do:vpc:${id}`,
    name: nameIn(call, null),
    description: descriptionIn(call) ?? '',
    region: slugOf(region),
    ip_range: rangeIn(call),
    default: false,
    created_at: instant(now),
  };
  account.vpcs[id] = vpc;
  return vpc;
}

/** `default: true` takes that from the region's other VPC. */
function change({ account, body }: Call, vpc: WireObject, changes: WireObject): WireObject {
  if (body['default'] === true) {
    for (const other of Object.values(account.vpcs))
      if (other['region'] === vpc['region']) other['default'] = other === vpc;
  }
  return Object.assign(vpc, changes);
}

function nameIn({ account, body }: Call, own: WireObject | null): string {
  const { name } = body;
  if (typeof name !== 'string' || !NAME.test(name)) throw unprocessable('name is not a valid name');
  const isTaken = Object.values(account.vpcs).some((vpc) => vpc !== own && vpc['name'] === name);
  if (isTaken) throw unprocessable('name is already in use');
  return name;
}

function descriptionIn({ body }: Call): string | null {
  const description = body['description'] ?? null;
  if (description === null) return null;
  if (typeof description !== 'string' || description.length > MAX_DESCRIPTION)
    throw unprocessable(`description takes up to ${MAX_DESCRIPTION} characters`);
  return description;
}

/** Without a range it gets one that no other VPC has. */
function rangeIn({ account, body }: Call): string {
  const taken = new Set(Object.values(account.vpcs).map((vpc) => vpc['ip_range']));
  const range = body['ip_range'];
  if (range === undefined) {
    for (let net = 100; ; net++) if (!taken.has(`10.${net}.0.0/20`)) return `10.${net}.0.0/20`;
  }
  if (typeof range !== 'string' || !RANGE.test(range)) throw unprocessable('ip_range is not a private network');
  if (taken.has(range)) throw unprocessable('ip_range overlaps with another VPC');
  return range;
}
