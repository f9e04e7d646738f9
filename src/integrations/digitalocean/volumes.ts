import { z } from 'zod';
import type { Page, Pages } from './paging.js';
import { Id, list, optional, RegionRef } from './schema-parts.js';
import type { CallOptions } from './transport.js';

export const Volume = z.object({
  id: Id,
  name: z.string(),
  size_gigabytes: z.number(),
  created_at: z.string(),
  region: RegionRef,
  /** At most one. */
  droplet_ids: list(Id),
  filesystem_type: optional(z.string()),
  filesystem_label: optional(z.string()),
  tags: list(z.string()),
});
export type Volume = z.infer<typeof Volume>;

export function createVolumes(pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<Volume>> {
      return pages('/v2/volumes', 'volumes', Volume, {}, options);
    },
  };
}
