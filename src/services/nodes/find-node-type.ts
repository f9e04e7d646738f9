import { z } from 'zod';
import type { App } from '../../context.js';
import { rowShape } from '../../database/row-shape.js';
import { joinSql, rawSql, sql } from '../../database/sql.js';
import { isUuid } from '../paging/keyset.js';

/** The tables whose rows are nodes, by the name of their type in the API. Ids are random UUIDs: no two tables share one. */
const TABLES = {
  Addon: 'addons',
  CloudInvoice: 'cloud_invoices',
  Deployment: 'deployments',
  Invoice: 'invoices',
  Plan: 'plans',
  PlanSubscription: 'subscriptions',
  PlanVersion: 'plan_versions',
  Project: 'cloud_projects',
  Resource: 'cloud_resources',
  Saga: 'saga_runs',
  SyncRun: 'sync_runs',
} as const;
export type NodeTypeName = keyof typeof TABLES;
export const NODE_TYPE_NAMES = Object.keys(TABLES) as NodeTypeName[];

const NodeTypeRow = rowShape({ type: z.enum(NODE_TYPE_NAMES) });
const LOOKUPS = joinSql(
  Object.entries(TABLES).map(([type, table]) =>
    rawSql(`select '${type}' as type from ${table} where ${table}.id = requested.id`),
  ),
  ' union all ',
);

/**
 * The type of the row with that id, by one look at each primary key; null: no table has it. Says nothing about who may see
 * the row: read it as its type is always read.
 */
export async function findNodeType(app: Pick<App, 'reads'>, id: string): Promise<NodeTypeName | null> {
  if (!isUuid(id)) return null;
  const found = await app.reads.maybeOne(
    NodeTypeRow,
    sql`/* find-node-type */ select node.type from (select ${id}::uuid as id) requested
      cross join lateral (${LOOKUPS}) node limit 1`,
  );
  return found?.type ?? null;
}
