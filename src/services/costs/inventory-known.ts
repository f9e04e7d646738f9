import { z } from 'zod';
import type { App } from '../../context.js';
import { NAMED_KINDS } from '../../core/costs/line-kind.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { scopesListing } from '../inventory/scopes/all.js';

const UnknownScopes = rowShape({ count: z.int() });

/** Whether each scope that lists billed kinds has completed once. Before that, every billed name would look deleted. */
export async function isInventoryKnown(app: Pick<App, 'db'>): Promise<boolean> {
  const unknown = await query(app.db).one(
    UnknownScopes,
    sql`/* count-unknown-scopes */ select count(*)::int as count from unnest(${scopesListing(NAMED_KINDS)}::text[]) as billed(scope)
     where not exists (select from sync_runs run where run.scope = billed.scope and run.status = 'completed')`,
  );
  return unknown.count === 0;
}
