import type { WireObject } from '../account.js';
import { images, regionObject, sizes } from './sizes.js';
import { defaultVpc } from './vpcs.js';

export interface GoldenDroplet {
  readonly id: number;
  readonly name: string;
  readonly size: string;
  readonly image: string;
  readonly createdAt: string;
  readonly tags: readonly string[];
  readonly hasBackups: boolean;
}

/** Five, all active in syd1 and older than 2026. */
export const goldenDroplets: readonly GoldenDroplet[] = [
  {
    id: 165_432_101,
    name: 'holyspiritbraypark.com',
    size: 's-1vcpu-512mb-10gb',
    image: 'ubuntu-22-04-x64',
    createdAt: '2022-07-21T01:12:33Z',
    tags: ['parish', 'web'],
    hasBackups: false,
  },
  {
    id: 198_765_202,
    name: 'git.sky-ai.com',
    size: 's-1vcpu-2gb',
    image: 'debian-12-x64',
    createdAt: '2020-06-18T05:40:02Z',
    tags: ['internal'],
    hasBackups: true,
  },
  {
    id: 231_908_303,
    name: 'mail.sky-ai.com',
    size: 's-1vcpu-1gb',
    image: 'debian-12-x64',
    createdAt: '2021-02-09T23:15:48Z',
    tags: ['internal', 'mail'],
    hasBackups: true,
  },
  {
    id: 302_114_404,
    name: 'parish-bulletin',
    size: 's-1vcpu-512mb-10gb',
    image: 'ubuntu-22-04-x64',
    createdAt: '2022-08-22T08:01:10Z',
    tags: ['parish'],
    hasBackups: false,
  },
  {
    id: 411_556_505,
    name: 'studio-demo',
    size: 's-1vcpu-1gb',
    image: 'ubuntu-24-04-x64',
    createdAt: '2024-09-30T03:33:21Z',
    tags: ['studio', 'web'],
    hasBackups: false,
  },
];

export function goldenDroplet(name: string): GoldenDroplet | null {
  return goldenDroplets.find((droplet) => droplet.name === name) ?? null;
}

/** A droplet as the API shows it once it is active; at the golden account's present, May 2026. */
export function dropletObject(droplet: GoldenDroplet, publicIp: string, privateIp: string): WireObject {
  const size = sizes.find((each) => each['slug'] === droplet.size) as WireObject;
  return {
    id: droplet.id,
    name: droplet.name,
    memory: size['memory'],
    vcpus: size['vcpus'],
    disk: size['disk'],
    disk_info: [{ type: 'local', size: { amount: size['disk'], unit: 'gib' } }],
    locked: false,
    status: 'active',
    kernel: null,
    created_at: droplet.createdAt,
    features: [...(droplet.hasBackups ? ['backups'] : []), 'droplet_agent', 'private_networking'],
    backup_ids: [],
    next_backup_window: droplet.hasBackups ? { start: '2026-05-10T12:00:00Z', end: '2026-05-11T11:00:00Z' } : null,
    snapshot_ids: [],
    image: images.find((image) => image['slug'] === droplet.image),
    volume_ids: [],
    size,
    size_slug: droplet.size,
    networks: {
      v4: [
        { ip_address: privateIp, netmask: '255.255.240.0', gateway: '10.126.0.1', type: 'private' },
        { ip_address: publicIp, netmask: '255.255.240.0', gateway: '170.64.128.1', type: 'public' },
      ],
      v6: [],
    },
    region: regionObject('syd1'),
    tags: [...droplet.tags],
    vpc_uuid: defaultVpc.id,
  };
}

export const goldenAddress = (index: number): { public: string; private: string } => ({
  public: `170.64.130.${20 + index}`,
  private: `10.126.0.${2 + index}`,
});
