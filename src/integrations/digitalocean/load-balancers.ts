import { z } from 'zod';
import type { Page, Pages } from './paging.js';
import { Id, list, optional, RegionRef } from './schema-parts.js';
import type { CallOptions } from './transport.js';

const ForwardingRule = z.object({
  entry_protocol: z.string(),
  entry_port: z.int(),
  target_protocol: z.string(),
  target_port: z.int(),
  certificate_id: optional(z.string()),
  tls_passthrough: optional(z.boolean()),
});

export const LoadBalancer = z.object({
  id: Id,
  name: z.string(),
  /** `new`, `active`, `errored`. */
  status: z.string(),
  created_at: z.string(),
  /** Empty while it is new. */
  ip: optional(z.string()),
  algorithm: optional(z.string()),
  size: optional(z.string()),
  size_unit: optional(z.int()),
  /** `REGIONAL`, `REGIONAL_NETWORK`, `GLOBAL`; a global one may have no region. */
  type: optional(z.string()),
  region: optional(RegionRef),
  forwarding_rules: list(ForwardingRule),
  droplet_ids: list(Id),
  tag: optional(z.string()),
  project_id: optional(z.string()),
  vpc_uuid: optional(z.string()),
});
export type LoadBalancer = z.infer<typeof LoadBalancer>;

export function createLoadBalancers(pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<LoadBalancer>> {
      return pages('/v2/load_balancers', 'load_balancers', LoadBalancer, {}, options);
    },
  };
}
