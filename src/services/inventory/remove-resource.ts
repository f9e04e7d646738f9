import type { EntityManager } from 'typeorm';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';
import { lockKinds } from './observe.js';

/** Takes a resource out of the inventory as if it had never been there: for a saga that undoes what it made. */
export async function removeResource(db: EntityManager, resourceId: string): Promise<void> {
  await lockKinds(db, new Set(['droplet']));
  await query(db).execute(
    sql`/* delete-resource-events */ delete from cloud_resource_events where resource_id = ${resourceId}`,
  );
  await query(db).execute(sql`/* delete-resource */ delete from cloud_resources where id = ${resourceId}`);
}

/** Marks a resource as gone, with its event: for a saga that destroyed it. Again changes nothing. */
export async function markDestroyed(
  db: EntityManager,
  { resourceId, actor, at }: { readonly resourceId: string; readonly actor: string; readonly at: Date },
): Promise<void> {
  await lockKinds(db, new Set(['droplet']));
  await query(
    db,
  ).execute(sql`/* mark-destroyed */ with buried as (update cloud_resources set deleted_at = ${at} where id = ${resourceId} and deleted_at is null returning id)
     insert into cloud_resource_events (resource_id, type, at, actor) select id, 'deleted', ${at}, ${actor} from buried`);
}
