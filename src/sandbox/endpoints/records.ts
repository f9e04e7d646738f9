import { isIPv4, isIPv6 } from 'node:net';
import type { Account, WireObject } from '../account.js';
import { created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';

const TYPES = new Set(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT']);

export const records: Routes = {
  'GET /v2/domains/:zone/records': (call) => {
    const { domain, records: all } = zoneOf(call);
    const [name, type] = [call.query.get('name'), call.query.get('type')];
    const wanted = all.filter(
      (record) =>
        (type === null || record['type'] === type) &&
        (name === null || fullName(record, String(domain['name'])) === name.toLowerCase()),
    );
    return listed(call, 'domain_records', wanted);
  },
  'POST /v2/domains/:zone/records': (call) => {
    const { records: all } = zoneOf(call);
    if (call.body['type'] === 'SOA') throw unprocessable('SOA records cannot be created.');
    const fields = readFields(call.body, {});
    rejectBesideCname(all, fields);
    const record = { id: call.account.nextId++, ...fields };
    all.push(shown(record));
    shareTtl(all, record);
    return created({ domain_record: record });
  },
  'GET /v2/domains/:zone/records/:record': (call) => ok({ domain_record: recordOf(call) }),
  'PUT /v2/domains/:zone/records/:record': (call) => {
    if (call.body['type'] === undefined) throw unprocessable('Type is required.');
    return change(call);
  },
  'PATCH /v2/domains/:zone/records/:record': change,
  'DELETE /v2/domains/:zone/records/:record': (call) => {
    const record = recordOf(call);
    if (record['type'] === 'SOA') throw unprocessable('SOA records cannot be deleted.');
    const { records: all } = zoneOf(call);
    all.splice(all.indexOf(record), 1);
    return noContent;
  },
};

/** Throws 404; a final dot makes it another name. */
export function zoneOf({ account, params }: Call): Account['domains'][string] {
  const zone = account.domains[(params['zone'] as string).toLowerCase()];
  if (!zone) throw notFound();
  return zone;
}

export function isIpv4(value: unknown): boolean {
  return typeof value === 'string' && isIPv4(value);
}

function change(call: Call) {
  const record = recordOf(call);
  const { records: all } = zoneOf(call);
  const fields = record['type'] === 'SOA' ? soaFields(call.body, record) : readFields(call.body, record);
  const others = all.filter((each) => each !== record);
  rejectBesideCname(others, fields);
  Object.assign(record, shown(fields));
  shareTtl(all, record);
  return ok({ domain_record: record });
}

function recordOf(call: Call): WireObject {
  const record = zoneOf(call).records.find((each) => String(each['id']) === call.params['record']);
  if (!record) throw notFound();
  return record;
}

function fullName(record: WireObject, zone: string): string {
  return record['name'] === '@' ? zone : `${String(record['name']).toLowerCase()}.${zone}`;
}

/** Of the zone's own record only the ttl changes. */
function soaFields(body: WireObject, before: WireObject): WireObject {
  return { ...before, ttl: wholeNumber(body, before, 'ttl', 1800) };
}

/** The fields as they are sent, checked; what is left out stays as it was, though not data that must end with a dot. */
function readFields(body: WireObject, before: WireObject): WireObject {
  const type = String(body['type'] ?? before['type'] ?? '');
  if (!TYPES.has(type)) throw unprocessable('Type is not a valid record type.');
  const name = body['name'] ?? before['name'];
  if (typeof name !== 'string' || name === '') throw unprocessable("Name can't be blank");
  const data = body['data'] ?? before['data'];
  if (typeof data !== 'string' || data === '') throw unprocessable("Data can't be blank");
  const ttl = wholeNumber(body, before, 'ttl', 1800);
  if (Number(ttl) < 30) throw unprocessable('TTL must be at least 30');
  const fields = {
    type,
    name,
    data,
    priority: wholeNumber(body, before, 'priority', type === 'MX' ? 10 : null),
    port: wholeNumber(body, before, 'port', null),
    ttl,
    weight: wholeNumber(body, before, 'weight', null),
    flags: wholeNumber(body, before, 'flags', null),
    tag: body['tag'] ?? before['tag'] ?? null,
  };
  if (isDotted(fields) && data !== '@' && !data.endsWith('.')) throw unprocessable('Data needs to end with a dot (.)');
  if (type === 'A' && data !== '@' && !isIPv4(data))
    throw unprocessable('IP address did not match IPv4 format (e.g. 255.255.255.255).');
  if (type === 'AAAA' && !isIPv6(data)) throw unprocessable('IP address did not match IPv6 format (e.g. 2001:db8::1).');
  return fields;
}

function wholeNumber(body: WireObject, before: WireObject, field: string, fallback: number | null): unknown {
  const value = body[field] ?? before[field] ?? fallback;
  if (value !== null && (!Number.isInteger(value) || Number(value) < 0))
    throw unprocessable(`${field} is not a number`);
  return value;
}

/** Whether the data is a host name: sent with a final dot, shown without it. */
function isDotted({ type, tag }: WireObject): boolean {
  return (
    ['CNAME', 'MX', 'NS', 'SRV'].includes(String(type)) || (type === 'CAA' && (tag === 'issue' || tag === 'issuewild'))
  );
}

function shown(record: WireObject): WireObject {
  const data = String(record['data']);
  return isDotted(record) && data !== '@' ? { ...record, data: data.replace(/\.$/, '') } : { ...record };
}

function rejectBesideCname(others: readonly WireObject[], { type, name }: WireObject): void {
  const sharesName = others.some((other) => other['name'] === name && (type === 'CNAME' || other['type'] === 'CNAME'));
  if (sharesName) throw unprocessable('CNAME records cannot share a name with other records');
}

/** Records of one type and name have one ttl, silently. */
function shareTtl(all: readonly WireObject[], changed: WireObject): void {
  for (const record of all) {
    if (record['type'] === changed['type'] && record['name'] === changed['name']) record['ttl'] = changed['ttl'];
  }
}
