import { type GoldenDroplet, goldenDroplet } from './droplets.js';
import { snapshots } from './snapshots.js';

/** From the first hour to the last, each the first instant of an hour; null: it was still there in April 2026. */
export interface Stay {
  readonly from: string;
  readonly to: string | null;
}

export interface DropletLife extends Stay {
  readonly name: string;
  readonly size: string;
  /** Weekly backups were on from this instant; null: never. */
  readonly backedUpFrom: string | null;
}

/** As table rows: name, size, first hour, last hour, backups since. */
type Row = readonly [name: string, size: string, from: string, to: string | null, backedUpFrom?: string];

/** Those that are gone. What lived into April 2026 is billed for its days of April in april-2026.ts. */
const GONE: readonly Row[] = [
  ['first-steps', '512mb', '2014-12-04T03', '2014-12-29T22'],
  ['first-steps', '512mb', '2015-02-02T09', '2016-03-30T11'],
  ['wp-church', '1gb', '2015-02-17T21', '2018-01-18T02'],
  ['shop-trial', '1gb', '2016-05-09T04', '2017-01-20T06'],
  ['intranet', '2gb', '2017-03-06T23', '2019-06-27T05', '2017-06-01T00'],
  ['wp-church-2', 's-1vcpu-1gb', '2018-01-16T01', '2022-07-30T10'],
  ['forum', 's-1vcpu-2gb', '2018-04-12T03', '2020-12-19T12', '2018-05-01T00'],
  ['build-box', 's-2vcpu-4gb', '2019-02-11T22', '2021-05-31T07'],
  ['mapping-workshop', 's-4vcpu-8gb', '2019-09-16T21', '2019-09-21T08'],
  ['repo.sky-ai.com', 's-1vcpu-2gb', '2021-04-06T02', null, '2021-05-01T00'],
  ['crm-pilot', 's-2vcpu-4gb', '2021-09-14T00', '2022-07-08T09'],
  ['ml-lab', 'c-4', '2023-05-22T23', '2023-08-11T04'],
  ['staging-alpha', 's-2vcpu-4gb', '2025-03-10T00', null],
  ['import-worker', 's-1vcpu-1gb', '2026-02-19T05', null],
];

/**
 * What the present droplets were until March 2026: all of them are as they were made. With April the weekly backups moved from
 * parish-bulletin to git.sky-ai.com, which was resized (april-2026.ts).
 */
const PRESENT: readonly (readonly [name: string, size: string, backedUpFrom?: string])[] = [
  ['holyspiritbraypark.com', 's-1vcpu-512mb-10gb'],
  ['git.sky-ai.com', 's-1vcpu-1gb'],
  ['mail.sky-ai.com', 's-1vcpu-1gb', '2021-03-01T00'],
  ['parish-bulletin', 's-1vcpu-512mb-10gb', '2022-09-01T00'],
  ['studio-demo', 's-1vcpu-1gb'],
];

const hour = (text: string): string => `${text}:00:00.000Z`;

export const dropletLives: readonly DropletLife[] = [
  ...GONE.map(([name, size, from, to, backedUpFrom]) => ({
    name,
    size,
    from: hour(from),
    to: to === null ? null : hour(to),
    backedUpFrom: backedUpFrom === undefined ? null : hour(backedUpFrom),
  })),
  ...PRESENT.map(([name, size, backedUpFrom]) => {
    const { createdAt } = goldenDroplet(name) as GoldenDroplet;
    return {
      name,
      size,
      from: hour(createdAt.slice(0, 13)),
      to: null,
      backedUpFrom: backedUpFrom === undefined ? null : hour(backedUpFrom),
    };
  }),
];

export interface SnapshotLife extends Stay {
  readonly name: string;
  readonly sizeGb: number;
}

/** Snapshots of what was about to go were cleared with the month of March. */
const MARCH_END = hour('2026-04-01T00');

export const snapshotLives: readonly SnapshotLife[] = [
  { name: 'repo.sky-ai.com-1650000000000', sizeGb: 12.5, from: hour('2022-04-15T05'), to: MARCH_END },
  { name: 'archive-2019', sizeGb: 4.2, from: hour('2019-06-26T06'), to: MARCH_END },
  { name: 'forum-1608379200000', sizeGb: 6.75, from: hour('2020-12-19T12'), to: hour('2022-06-14T03') },
  { name: 'staging-alpha-1743465600000', sizeGb: 8.75, from: hour('2025-04-01T00'), to: MARCH_END },
  ...snapshots.map(({ name, size_gigabytes, created_at }) => ({
    name: String(name),
    sizeGb: Number(size_gigabytes),
    from: hour(String(created_at).slice(0, 13)),
    to: null,
  })),
];

/** A volume of the old intranet, and an address that nobody used. */
export const intranetFiles = {
  name: 'intranet-files',
  sizeGb: 10,
  from: hour('2018-05-07T01'),
  to: hour('2019-06-27T05'),
};
export const unusedAddress = { address: '103.253.147.12', from: hour('2020-12-19T12'), to: hour('2021-02-02T05') };
