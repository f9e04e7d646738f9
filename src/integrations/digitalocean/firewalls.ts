import { z } from 'zod';
import type { Page, Pages } from './paging.js';
import { Id, list, optional } from './schema-parts.js';
import type { CallOptions } from './transport.js';

const Peers = z.object({
  addresses: list(z.string()),
  droplet_ids: list(Id),
  load_balancer_uids: list(Id),
  kubernetes_ids: list(Id),
  tags: list(z.string()),
});

/** `tcp`, `udp`, `icmp`; ports as `22`, `8000-9000`, `0` for all. */
const Rule = { protocol: z.string(), ports: z.string() };

/** Its members are its droplets and all that bear one of its tags. */
export const Firewall = z.object({
  id: Id,
  name: z.string(),
  /** `waiting`, `succeeded`, `failed`. */
  status: z.string(),
  created_at: z.string(),
  droplet_ids: list(Id),
  tags: list(z.string()),
  inbound_rules: list(z.object({ ...Rule, sources: Peers })),
  outbound_rules: list(z.object({ ...Rule, destinations: Peers })),
  pending_changes: list(z.object({ droplet_id: optional(Id), removing: optional(z.boolean()), status: z.string() })),
});
export type Firewall = z.infer<typeof Firewall>;

export function createFirewalls(pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<Firewall>> {
      return pages('/v2/firewalls', 'firewalls', Firewall, {}, options);
    },
  };
}
