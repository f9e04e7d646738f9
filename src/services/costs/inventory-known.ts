import type { App } from '../../context.js';
import type { SyncScope } from '../../core/inventory/sync-scope.js';

/** What lists the kinds that lines name; PROJECTS lists those without a scope of their own. */
const BILLED_SCOPES: readonly SyncScope[] = [
  'projects',
  'droplets',
  'volumes',
  'snapshots',
  'floating_ips',
  'load_balancers',
];

/** Whether each of them was listed once. Before that, whatever an invoice names would pass for gone. */
export async function isInventoryKnown(app: Pick<App, 'db'>): Promise<boolean> {
  const [row]: { unknown: number }[] = await app.db.query(
    `select count(*)::int as unknown from unnest($1::text[]) as billed(scope) where not exists (
       select from sync_runs run where run.scope = billed.scope and run.status = 'completed')`,
    [BILLED_SCOPES],
  );
  return row?.unknown === 0;
}
