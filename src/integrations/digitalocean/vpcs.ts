import { z } from 'zod';
import type { Page, Pages } from './paging.js';
import { Id, optional } from './schema-parts.js';
import type { CallOptions } from './transport.js';

/** A private network of one region. */
export const Vpc = z.object({
  id: Id,
  name: z.string(),
  description: optional(z.string()),
  /** The region's slug itself, unlike that of other resources. */
  region: z.string(),
  /** In CIDR notation. */
  ip_range: z.string(),
  /** Whether droplets of the region join it if they name none. */
  default: z.boolean(),
  created_at: z.string(),
});
export type Vpc = z.infer<typeof Vpc>;

export function createVpcs(pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<Vpc>> {
      return pages('/v2/vpcs', 'vpcs', Vpc, {}, options);
    },
  };
}
