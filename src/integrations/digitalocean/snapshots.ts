import { z } from 'zod';
import { ignoreNotFound } from './not-found.js';
import type { Page, Pages } from './paging.js';
import { route } from './route.js';
import { Id, list } from './schema-parts.js';
import type { CallOptions, Transport } from './transport.js';

/** As /v2/snapshots lists it, of droplets and volumes alike. */
export const Snapshot = z.object({
  id: Id,
  name: z.string(),
  created_at: z.string(),
  regions: list(z.string()),
  /** GB. */
  min_disk_size: z.number(),
  size_gigabytes: z.number(),
  resource_id: Id,
  /** `droplet` or `volume`. */
  resource_type: z.string(),
  tags: list(z.string()),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** A snapshot or backup as it is listed beneath its droplet. */
export const DropletImage = z.object({
  id: Id,
  name: z.string(),
  created_at: z.string(),
  regions: list(z.string()),
  /** GB. */
  min_disk_size: z.number(),
  size_gigabytes: z.number(),
  /** `snapshot` or `backup`. */
  type: z.string(),
});
export type DropletImage = z.infer<typeof DropletImage>;

const SnapshotAnswer = z.object({ snapshot: Snapshot });

export function createSnapshots(transport: Transport, pages: Pages) {
  return {
    pages(query: { resource_type?: 'droplet' | 'volume' } = {}, options?: CallOptions): AsyncIterable<Page<Snapshot>> {
      return pages('/v2/snapshots', 'snapshots', Snapshot, query, options);
    },

    async get(id: string, { signal }: CallOptions = {}): Promise<Snapshot> {
      const call = { method: 'GET', route: route`/v2/snapshots/${id}`, signal } as const;
      return (await transport.json(call, SnapshotAnswer)).snapshot;
    },

    /** Already gone is success. */
    async delete(id: string, { signal }: CallOptions = {}): Promise<void> {
      await ignoreNotFound(transport.done({ method: 'DELETE', route: route`/v2/snapshots/${id}`, signal }));
    },
  };
}
