import type { SandboxBucket } from '../account.js';

/** In GiB: together below the 250 that the subscription holds, so that the account's invoices have no overage. */
const BUCKETS: readonly [name: string, sizeGb: number, objects: number, createdAt: string][] = [
  ['skyai-backups', 86.5, 2_350, '2020-02-11T03:20:00.000Z'],
  ['skyai-assets', 12.25, 1_840, '2020-02-11T03:24:00.000Z'],
  ['parish-media', 41.5, 6_012, '2022-07-22T02:10:00.000Z'],
  ['bulletin-archive', 7.75, 412, '2022-08-23T06:00:00.000Z'],
  ['studio-uploads', 23.5, 3_000, '2024-10-01T00:15:00.000Z'],
  ['community-media', 3, 655, '2025-01-15T22:45:00.000Z'],
];

export const spaces: Record<string, SandboxBucket> = Object.fromEntries(
  BUCKETS.map(([name, sizeGb, object_count, created_at]) => [
    name,
    { region: 'syd1', created_at, object_count, bytes: sizeGb * 2 ** 30 },
  ]),
);
