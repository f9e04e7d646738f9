import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import { type Droplet, publicIpv4 } from '../../../integrations/digitalocean/droplets.js';
import type { ObservedResource } from '../observe.js';

/** A droplet in our words. `attrs` keep the provider's names; memory is in MiB, disk in GB. */
export function normalizeDroplet(droplet: Droplet): ObservedResource {
  return {
    kind: 'droplet',
    providerKind: KIND_DEFINITIONS.droplet.providerKind,
    providerId: droplet.id,
    name: droplet.name,
    status: droplet.status,
    region: droplet.region.slug,
    tags: droplet.tags,
    attrs: {
      ...volatileAttrs(droplet),
      image: droplet.image ? (droplet.image.slug ?? droplet.image.id) : null,
      image_name: droplet.image?.name ?? null,
      image_distribution: droplet.image?.distribution ?? null,
      features: [...droplet.features].sort(),
      volume_ids: [...droplet.volume_ids].sort(),
      vpc_uuid: droplet.vpc_uuid,
      created_at: droplet.created_at,
    },
  };
}

/** What of a droplet moves from minute to minute: addresses and size. */
export function volatileAttrs(droplet: Droplet): Record<string, unknown> {
  const addresses = (version: 'v4' | 'v6', type: string) =>
    droplet.networks[version]
      .filter((address) => address.type === type)
      .map((address) => address.ip_address)
      .sort();
  return {
    public_ipv4: publicIpv4(droplet),
    addresses: {
      public_v4: addresses('v4', 'public'),
      private_v4: addresses('v4', 'private'),
      public_v6: addresses('v6', 'public'),
    },
    size_slug: droplet.size_slug,
    vcpus: droplet.vcpus,
    memory: droplet.memory,
    disk: droplet.disk,
  };
}
