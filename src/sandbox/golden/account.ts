import type { Account, WireObject } from '../account.js';
import { goldenBilling } from './billing.js';
import { dropletObject, goldenAddress, goldenDroplets } from './droplets.js';
import { firewall } from './firewalls.js';
import { projects } from './projects.js';
import { images, regions, sizes } from './sizes.js';
import { backups, snapshots } from './snapshots.js';
import { spaces } from './spaces.js';
import { defaultVpc } from './vpcs.js';
import { zones } from './zones.js';

/** Beyond every id of the golden account. */
const NEXT_ID = 2_000_000_000;

/** The account that the sandbox begins with: 5 droplets, 7 zones, 12 snapshots, 4 backups, 1 firewall, 1 VPC, 6 Spaces, 137 invoices. */
export function goldenAccount(): Account {
  const droplets: Record<string, WireObject> = {};
  goldenDroplets.forEach((droplet, index) => {
    const address = goldenAddress(index);
    droplets[droplet.id] = {
      ...dropletObject(droplet, address.public, address.private),
      snapshot_ids: snapshots
        .filter((each) => each['resource_id'] === String(droplet.id))
        .map((each) => Number(each['id'])),
      backup_ids: (backups[droplet.id] ?? []).map((each) => each['id']),
    };
  });
  const tagNames = [...new Set(goldenDroplets.flatMap((droplet) => droplet.tags))].sort();
  return structuredClone({
    droplets,
    backups,
    snapshots: Object.fromEntries(snapshots.map((snapshot) => [String(snapshot['id']), snapshot])),
    volumes: {},
    floatingIps: {},
    firewalls: { [firewall.id]: firewall },
    loadBalancers: {},
    vpcs: { [defaultVpc.id]: defaultVpc },
    domains: zones,
    projects,
    spaces,
    tags: Object.fromEntries(tagNames.map((name) => [name, { name }])),
    actions: {},
    sizes,
    regions,
    images,
    billing: goldenBilling(),
    nextId: NEXT_ID,
  });
}
