import type { WireObject } from '../account.js';
import { goldenAddress } from './droplets.js';

type Entry = readonly [type: string, name: string, data: string, priority?: number];

const ZONES: readonly (readonly [name: string, entries: readonly Entry[]])[] = [
  [
    'sky-ai.com',
    [
      ['A', '@', goldenAddress(4).public],
      ['A', 'git', goldenAddress(1).public],
      ['A', 'mail', goldenAddress(2).public],
      ['CNAME', 'www', '@'],
      ['CNAME', 'autoconfig', 'mail.sky-ai.com'],
      ['MX', '@', 'mail.sky-ai.com', 10],
      ['TXT', '@', 'v=spf1 a mx ~all'],
      ['TXT', '_dmarc', 'v=DMARC1; p=quarantine; rua=mailto:postmaster@sky-ai.com'],
    ],
  ],
  [
    'holyspiritbraypark.com',
    [
      ['A', '@', goldenAddress(0).public],
      ['CNAME', 'www', 'holyspiritbraypark.com'],
      ['MX', '@', 'mail.sky-ai.com', 10],
      ['TXT', '@', 'v=spf1 include:sky-ai.com ~all'],
    ],
  ],
  [
    'parishbulletin.org.au',
    [
      ['A', '@', goldenAddress(3).public],
      ['CNAME', 'www', '@'],
    ],
  ],
  [
    'skyai-studio.com',
    [
      ['A', '@', goldenAddress(4).public],
      ['CNAME', 'demo', 'skyai-studio.com'],
    ],
  ],
  [
    'braypark-community.org',
    [
      ['A', '@', goldenAddress(0).public],
      ['MX', '@', 'mx1.forwardemail.net', 10],
      ['MX', '@', 'mx2.forwardemail.net', 10],
    ],
  ],
  ['northside-choir.com', [['TXT', '@', 'parked']]],
  ['sandgate-books.com.au', [['TXT', '@', 'parked']]],
];

/** Ids of golden records begin here and go up in order. */
const FIRST_RECORD_ID = 1_700_000_001;

/** The file of a zone is written from its records when it is shown. */
export const zones: Record<string, { domain: WireObject; records: WireObject[] }> = {};
let nextRecordId = FIRST_RECORD_ID;
for (const [name, entries] of ZONES) {
  const own = entries.map(([type, host, data, priority]) =>
    recordObject(nextRecordId++, type, host, data, priority ?? null),
  );
  zones[name] = {
    domain: { name, ttl: 1800, zone_file: null },
    records: [...zoneRecords(() => nextRecordId++), ...own],
  };
}

/** What every zone begins with. */
export function zoneRecords(nextId: () => number): WireObject[] {
  return [
    recordObject(nextId(), 'SOA', '@', '1800', null),
    ...[1, 2, 3].map((n) => recordObject(nextId(), 'NS', '@', `ns${n}.digitalocean.com`, null)),
  ];
}

export function recordObject(
  id: number,
  type: string,
  name: string,
  data: string,
  priority: number | null,
): WireObject {
  return { id, type, name, data, priority, port: null, ttl: 1800, weight: null, flags: null, tag: null };
}
