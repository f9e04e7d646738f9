import type { WireObject } from '../account.js';
import { created, noContent, ok, unprocessable } from '../answers.js';
import { recordObject, zoneRecords } from '../golden/zones.js';
import { joinDefault, leaveProject } from '../membership.js';
import { listed } from '../paging.js';
import type { Routes } from '../router.js';
import { zoneFile } from '../zone-file.js';
import { isIpv4, zoneOf } from './records.js';

const NAME = /^([a-z0-9_]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+$/;

export const domains: Routes = {
  'GET /v2/domains': (call) => listed(call, 'domains', Object.values(call.account.domains).map(shown)),
  'POST /v2/domains': ({ account, body, now }) => {
    const { name: given, ip_address: address } = body;
    const name = typeof given === 'string' ? given.toLowerCase() : '';
    if (name.length > 253 || !NAME.test(name)) throw unprocessable('Name is not a valid domain name.');
    if (account.domains[name]) throw unprocessable('Name already exists');
    if (address !== undefined && !isIpv4(address))
      throw unprocessable('IP address did not match IPv4 format (e.g. 255.255.255.255).');
    const records = zoneRecords(() => account.nextId++);
    if (typeof address === 'string') records.push(recordObject(account.nextId++, 'A', '@', address, null));
    account.domains[name] = { domain: { name, ttl: 1800, zone_file: null }, records };
    joinDefault(account, `do:domain:${name}`, now);
    return created({ domain: { name, ttl: 1800, zone_file: null } });
  },
  'GET /v2/domains/:zone': (call) => ok({ domain: shown(zoneOf(call)) }),
  'DELETE /v2/domains/:zone': (call) => {
    const name = String(zoneOf(call).domain['name']);
    delete call.account.domains[name];
    leaveProject(call.account, `do:domain:${name}`);
    return noContent;
  },
};

function shown({ domain, records }: { domain: WireObject; records: readonly WireObject[] }): WireObject {
  return { ...domain, zone_file: zoneFile(String(domain['name']), records) };
}
