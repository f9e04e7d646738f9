import type { WireObject } from '../account.js';
import { goldenDroplets } from './droplets.js';

const anywhere = { addresses: ['0.0.0.0/0', '::/0'] };

export const firewall: WireObject & { id: string } = {
  id: 'bb4b2611-3d72-467b-8602-280330ecd65c',
  name: 'web-and-ssh',
  status: 'succeeded',
  created_at: '2020-01-15T04:05:06Z',
  pending_changes: [],
  inbound_rules: [
    { protocol: 'tcp', ports: '22', sources: { addresses: ['203.0.113.0/24'] } },
    { protocol: 'tcp', ports: '80', sources: anywhere },
    { protocol: 'tcp', ports: '443', sources: anywhere },
  ],
  outbound_rules: [
    { protocol: 'tcp', ports: '0', destinations: anywhere },
    { protocol: 'udp', ports: '0', destinations: anywhere },
    { protocol: 'icmp', ports: '0', destinations: anywhere },
  ],
  droplet_ids: goldenDroplets.map((droplet) => droplet.id),
  tags: [],
};
