import type { WireObject } from '../account.js';
import { goldenDroplets } from './droplets.js';
import { images, sizes } from './sizes.js';

/** Twelve snapshots of droplets; the last three are billed under names that differ a little (see april-2026.ts). */
const SNAPSHOTS: readonly [id: number, name: string, dropletId: number, sizeGb: number, createdAt: string][] = [
  [143_000_001, 'holyspiritbraypark.com-1698786725800', 165_432_101, 3.18, '2023-10-31T21:12:05Z'],
  [143_000_002, 'holyspiritbraypark.com-1717545600123', 165_432_101, 3.42, '2024-06-05T00:00:00Z'],
  [143_000_003, 'git.sky-ai.com-1688169600456', 198_765_202, 7.85, '2023-07-01T00:00:00Z'],
  [143_000_004, 'git.sky-ai.com-1735689600789', 198_765_202, 8.12, '2025-01-01T00:00:00Z'],
  [143_000_005, 'mail.sky-ai.com-1704067200321', 231_908_303, 5.66, '2024-01-01T00:00:00Z'],
  [143_000_006, 'studio-demo-1727740800654', 411_556_505, 9.04, '2024-10-01T00:00:00Z'],
  [143_000_007, 'studio-demo-1746057600987', 411_556_505, 9.37, '2025-05-01T00:00:00Z'],
  [143_000_008, 'parish-bulletin-1690848000147', 302_114_404, 2.34, '2023-08-01T00:00:00Z'],
  [143_000_009, 'parish-bulletin before upgrade (2025)', 302_114_404, 2.51, '2025-03-15T10:20:30Z'],
  [143_000_010, 'mail.sky-ai.com-1730419200258', 231_908_303, 5.91, '2024-11-01T00:00:00Z'],
  [143_000_011, 'studio-demo golden image', 411_556_505, 6.2, '2025-07-07T07:07:07Z'],
  [143_000_012, 'git.sky-ai.com-before-migration', 198_765_202, 8.4, '2025-12-12T12:12:12Z'],
];

/** When these were taken, git.sky-ai.com had half the disk that it has since its resize in April 2026. */
const DISK_GB_THEN: Readonly<Record<number, number>> = {
  165432101: 10,
  198765202: 25,
  231908303: 25,
  302114404: 10,
  411556505: 25,
};

/** As /v2/snapshots lists them: ids are text there. */
export const snapshots: readonly WireObject[] = SNAPSHOTS.map(([id, name, dropletId, sizeGb, createdAt]) => ({
  id: String(id),
  name,
  regions: ['syd1'],
  created_at: createdAt,
  resource_id: String(dropletId),
  resource_type: 'droplet',
  min_disk_size: DISK_GB_THEN[dropletId],
  size_gigabytes: sizeGb,
  tags: [],
}));

/** Two of each droplet with backups on, taken on Sundays. */
const BACKUPS: readonly [id: number, dropletId: number, name: string, sizeGb: number, createdAt: string][] = [
  [181_000_001, 231_908_303, 'mail.sky-ai.com- 2026-04-26', 5.93, '2026-04-26T13:04:11Z'],
  [181_000_002, 231_908_303, 'mail.sky-ai.com- 2026-05-03', 5.94, '2026-05-03T13:02:40Z'],
  [181_000_003, 198_765_202, 'git.sky-ai.com- 2026-04-26', 8.46, '2026-04-26T14:10:02Z'],
  [181_000_004, 198_765_202, 'git.sky-ai.com- 2026-05-03', 8.49, '2026-05-03T14:09:31Z'],
];

export const backups: Record<string, WireObject[]> = {};
for (const [id, dropletId, name, sizeGb, createdAt] of BACKUPS) {
  const parent = goldenDroplets.find((droplet) => droplet.id === dropletId);
  const backup = {
    id,
    name,
    type: 'backup',
    distribution: images.find((image) => image['slug'] === parent?.image)?.['distribution'],
    slug: null,
    public: false,
    regions: ['syd1'],
    created_at: createdAt,
    min_disk_size: sizes.find((size) => size['slug'] === parent?.size)?.['disk'],
    size_gigabytes: sizeGb,
  };
  backups[dropletId] = [...(backups[dropletId] ?? []), backup];
}
