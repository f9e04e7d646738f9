import type { WireObject } from './account.js';

/** The zone in the form of RFC 1035, as the API shows it beside the zone's name. */
export function zoneFile(zone: string, records: readonly WireObject[]): string {
  return [`$ORIGIN ${zone}.`, '$TTL 1800', ...records.map((record) => line(zone, record)), ''].join('\n');
}

function line(zone: string, record: WireObject): string {
  const { type, ttl, data } = record;
  const owner = record['name'] === '@' ? `${zone}.` : `${record['name']}.${zone}.`;
  const target = data === '@' ? `${zone}.` : `${data}.`;
  switch (type) {
    case 'SOA':
      return `${owner} IN SOA ns1.digitalocean.com. hostmaster.${zone}. 1700000000 10800 3600 604800 ${ttl}`;
    case 'CNAME':
    case 'NS':
      return `${owner} ${ttl} IN ${type} ${target}`;
    case 'MX':
      return `${owner} ${ttl} IN MX ${record['priority']} ${target}`;
    case 'SRV':
      return `${owner} ${ttl} IN SRV ${record['priority']} ${record['weight']} ${record['port']} ${target}`;
    case 'CAA':
      return `${owner} ${ttl} IN CAA ${record['flags']} ${record['tag']} "${data}"`;
    case 'TXT':
      return `${owner} ${ttl} IN TXT ${JSON.stringify(String(data))}`;
    default:
      return `${owner} ${ttl} IN ${type} ${data}`;
  }
}
