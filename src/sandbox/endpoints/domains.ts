import type { WireObject } from '../account.js';
import { created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { recordObject, zoneFile, zoneRecords } from '../golden/zones.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';

/** Types whose data is a host name: sent with a final dot, shown without it. */
const DOTTED = new Set(['CNAME', 'MX', 'NS', 'SRV']);
const TYPES = new Set(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT']);

export const domains: Routes = {
  'GET /v2/domains': (call) =>
    listed(
      call,
      'domains',
      Object.values(call.account.domains).map(({ domain }) => domain),
    ),
  'POST /v2/domains': (call) => {
    const name = call.body['name'];
    if (typeof name !== 'string' || !/^([a-z0-9-]+\.)+[a-z]{2,}$/i.test(name))
      throw unprocessable('Name is not a valid domain name.');
    if (call.account.domains[name]) throw unprocessable('Name already exists');
    const records = zoneRecords(() => call.account.nextId++);
    if (typeof call.body['ip_address'] === 'string') {
      records.push(recordObject(call.account.nextId++, 'A', '@', call.body['ip_address'], null));
    }
    call.account.domains[name] = { domain: { name, ttl: 1800, zone_file: zoneFile(name) }, records };
    return created({ domain: { name, ttl: 1800, zone_file: null } });
  },
  'GET /v2/domains/:zone': (call) => ok({ domain: zoneOf(call).domain }),
  'DELETE /v2/domains/:zone': (call) => {
    zoneOf(call);
    delete call.account.domains[call.params['zone'] as string];
    return noContent;
  },

  'GET /v2/domains/:zone/records': (call) => {
    const zone = call.params['zone'] as string;
    const [name, type] = [call.query.get('name'), call.query.get('type')];
    const wanted = zoneOf(call).records.filter(
      (record) => (type === null || record['type'] === type) && (name === null || fullName(record, zone) === name),
    );
    return listed(call, 'domain_records', wanted);
  },
  'POST /v2/domains/:zone/records': (call) => {
    const { records } = zoneOf(call);
    const record = { id: call.account.nextId++, ...recordFields(call, {}) };
    records.push(shown(record));
    shareTtl(records, record);
    return created({ domain_record: record });
  },
  'GET /v2/domains/:zone/records/:record': (call) => ok({ domain_record: recordOf(call) }),
  'PUT /v2/domains/:zone/records/:record': change,
  'PATCH /v2/domains/:zone/records/:record': change,
  'DELETE /v2/domains/:zone/records/:record': (call) => {
    const record = recordOf(call);
    if (record['type'] === 'SOA') throw unprocessable('SOA records cannot be deleted.');
    const { records } = zoneOf(call);
    records.splice(records.indexOf(record), 1);
    return noContent;
  },
};

function change(call: Call) {
  const record = recordOf(call);
  const fields = recordFields(call, record);
  Object.assign(record, shown({ ...record, ...fields }));
  shareTtl(zoneOf(call).records, record);
  return ok({ domain_record: record });
}

function zoneOf({ account, params }: Call): { domain: WireObject; records: WireObject[] } {
  const zone = account.domains[params['zone'] as string];
  if (!zone) throw notFound();
  return zone;
}

function recordOf(call: Call): WireObject {
  const record = zoneOf(call).records.find((each) => String(each['id']) === call.params['record']);
  if (!record) throw notFound();
  return record;
}

function fullName(record: WireObject, zone: string): string {
  return record['name'] === '@' ? zone : `${record['name']}.${zone}`;
}

/** The fields as they are sent, checked; what is left out stays as it was. */
function recordFields({ body }: Call, before: WireObject): WireObject {
  const type = String(body['type'] ?? before['type'] ?? '');
  if (!TYPES.has(type)) throw unprocessable('Type is not a valid record type.');
  const name = body['name'] ?? before['name'];
  if (typeof name !== 'string' || name === '') throw unprocessable("Name can't be blank");
  const data = body['data'] ?? (DOTTED.has(type) && before['data'] !== '@' ? `${before['data']}` : before['data']);
  if (typeof data !== 'string' || data === '') throw unprocessable("Data can't be blank");
  if (DOTTED.has(type) && data !== '@' && !data.endsWith('.')) throw unprocessable('Data needs to end with a dot (.)');
  if (type === 'A' && !/^(\d{1,3}\.){3}\d{1,3}$/.test(data) && data !== '@') {
    throw unprocessable('IP address did not match IPv4 format (e.g. 255.255.255.255).');
  }
  const number = (field: string, fallback: number | null) => {
    const value = body[field] ?? before[field] ?? fallback;
    if (value !== null && (typeof value !== 'number' || !Number.isInteger(value) || value < 0))
      throw unprocessable(`${field} is not a number`);
    return value;
  };
  const ttl = number('ttl', 1800);
  if (typeof ttl === 'number' && ttl < 30) throw unprocessable('TTL must be at least 30');
  return {
    type,
    name,
    data,
    priority: number('priority', type === 'MX' ? 10 : null),
    port: number('port', null),
    ttl,
    weight: number('weight', null),
    flags: number('flags', null),
    tag: body['tag'] ?? before['tag'] ?? null,
  };
}

/** Lists show host names without the final dot that they must be sent with. */
function shown(record: WireObject): WireObject {
  const data = String(record['data']);
  return DOTTED.has(String(record['type'])) && data !== '@'
    ? { ...record, data: data.replace(/\.$/, '') }
    : { ...record };
}

/** Records of one type and name have one ttl, silently. */
function shareTtl(records: readonly WireObject[], changed: WireObject): void {
  for (const record of records) {
    if (record['type'] === changed['type'] && record['name'] === changed['name']) record['ttl'] = changed['ttl'];
  }
}
