import type { EntityManager } from 'typeorm';
import { PROVIDER } from './observe.js';

/** The id of the resource that is this droplet, a tombstone too; null: the inventory does not know it. */
export async function findDropletResource(db: EntityManager, dropletId: string): Promise<string | null> {
  const [found]: { id: string }[] = await db.query(
    `select id from cloud_resources where provider = '${PROVIDER}' and kind = 'droplet' and provider_id = $1`,
    [dropletId],
  );
  return found?.id ?? null;
}
