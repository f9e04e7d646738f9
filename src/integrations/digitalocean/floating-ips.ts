import { z } from 'zod';
import type { Page, Pages } from './paging.js';
import { Id, optional, RegionRef } from './schema-parts.js';
import type { CallOptions } from './transport.js';

/** Reserved IPs are the same thing renamed: one of the two lists is read, never both. The address is the id. */
export const FloatingIp = z.object({
  ip: z.string().min(1),
  region: RegionRef,
  droplet: optional(z.object({ id: Id, name: optional(z.string()) })),
  locked: optional(z.boolean()),
  project_id: optional(z.string()),
});
export type FloatingIp = z.infer<typeof FloatingIp>;

export function createFloatingIps(pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<FloatingIp>> {
      return pages('/v2/floating_ips', 'floating_ips', FloatingIp, {}, options);
    },
  };
}
