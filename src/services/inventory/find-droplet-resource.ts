import type { EntityManager } from 'typeorm';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { PROVIDER_SQL } from './provider.js';

const ResourceId = rowOf(CloudResource, ['id']);

/** The id of the droplet's resource, a tombstone too; null if the inventory does not know the droplet. */
export async function findDropletResource(db: EntityManager, dropletId: string): Promise<string | null> {
  const found = await query(db).maybeOne(
    ResourceId,
    sql`/* find-droplet-resource */ select id from cloud_resources where provider = ${PROVIDER_SQL} and kind = 'droplet' and provider_id = ${dropletId}`,
  );
  return found?.id ?? null;
}
