import type { WireObject } from '../account.js';

/** Monthly prices of 2025 in dollars; an hour is a month's price over 672 hours. */
const TABLE: readonly [
  slug: string,
  vcpus: number,
  memoryMb: number,
  diskGb: number,
  monthly: number,
  transferTb: number,
][] = [
  ['s-1vcpu-512mb-10gb', 1, 512, 10, 4, 0.5],
  ['s-1vcpu-1gb', 1, 1024, 25, 6, 1],
  ['s-1vcpu-1gb-35gb-intel', 1, 1024, 35, 8, 1],
  ['s-1vcpu-2gb', 1, 2048, 50, 12, 2],
  ['s-2vcpu-2gb', 2, 2048, 60, 18, 3],
  ['s-2vcpu-2gb-amd', 2, 2048, 60, 21, 3],
  ['s-2vcpu-4gb', 2, 4096, 80, 24, 4],
  ['s-2vcpu-4gb-amd', 2, 4096, 80, 28, 4],
  ['s-2vcpu-4gb-intel', 2, 4096, 80, 28, 4],
  ['s-4vcpu-8gb', 4, 8192, 160, 48, 5],
  ['s-4vcpu-8gb-amd', 4, 8192, 160, 56, 5],
  ['s-8vcpu-16gb', 8, 16384, 320, 96, 6],
  ['c-2', 2, 4096, 25, 42, 4],
  ['c-4', 4, 8192, 50, 84, 5],
  ['g-2vcpu-8gb', 2, 8192, 25, 63, 4],
  ['gd-2vcpu-8gb', 2, 8192, 50, 68, 4],
  ['m-2vcpu-16gb', 2, 16384, 50, 84, 4],
];

export const REGION_SLUGS = ['nyc1', 'nyc3', 'ams3', 'sfo2', 'sfo3', 'sgp1', 'lon1', 'fra1', 'tor1', 'blr1', 'syd1'];
const REGION_NAMES: Readonly<Record<string, string>> = {
  nyc1: 'New York 1',
  nyc3: 'New York 3',
  ams3: 'Amsterdam 3',
  sfo2: 'San Francisco 2',
  sfo3: 'San Francisco 3',
  sgp1: 'Singapore 1',
  lon1: 'London 1',
  fra1: 'Frankfurt 1',
  tor1: 'Toronto 1',
  blr1: 'Bangalore 1',
  syd1: 'Sydney 1',
};

export const sizes: WireObject[] = TABLE.map(([slug, vcpus, memory, disk, monthly, transfer]) => ({
  slug,
  memory,
  vcpus,
  disk,
  transfer,
  price_monthly: monthly,
  price_hourly: Math.round((monthly / 672) * 100_000) / 100_000,
  regions: [...REGION_SLUGS],
  available: true,
  description: familyOf(slug),
}));

function familyOf(slug: string): string {
  if (slug.startsWith('c-')) return 'CPU-Optimized';
  if (slug.startsWith('gd-')) return 'General Purpose — 2x SSD';
  if (slug.startsWith('g-')) return 'General Purpose';
  if (slug.startsWith('m-')) return 'Memory-Optimized';
  if (slug.endsWith('-amd')) return 'Premium AMD';
  return slug.endsWith('-intel') ? 'Premium Intel' : 'Basic';
}

export const regions: WireObject[] = REGION_SLUGS.map(regionObject);

export function regionObject(slug: string): WireObject {
  return {
    name: REGION_NAMES[slug] ?? slug.toUpperCase(),
    slug,
    features: ['backups', 'ipv6', 'metadata', 'install_agent', 'storage', 'image_transfer'],
    available: true,
    sizes: TABLE.map(([size]) => size),
  };
}

export const images: WireObject[] = [
  imageObject(147_000_001, 'ubuntu-24-04-x64', 'Ubuntu', '24.04 (LTS) x64'),
  imageObject(112_000_002, 'ubuntu-22-04-x64', 'Ubuntu', '22.04 (LTS) x64'),
  imageObject(119_000_003, 'debian-12-x64', 'Debian', '12 x64'),
];

function imageObject(id: number, slug: string, distribution: string, name: string): WireObject {
  return {
    id,
    name,
    distribution,
    slug,
    public: true,
    regions: [...REGION_SLUGS],
    created_at: '2024-04-25T12:00:00Z',
    type: 'base',
    min_disk_size: 7,
    size_gigabytes: 0.63,
    description: `${distribution} ${name}`,
    tags: [],
    status: 'available',
  };
}
