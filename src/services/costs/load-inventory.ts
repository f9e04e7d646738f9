import type { App } from '../../context.js';
import { createResourceIndex, type ResourceIndex, type ResourceRow } from '../../core/costs/resource-index.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';

/** Kinds that lines name; a backup's line names its droplet. */
const NAMED_KINDS: readonly ResourceKind[] = [
  'droplet',
  'snapshot',
  'volume',
  'floating_ip',
  'load_balancer',
  'spaces_bucket',
  'managed_db',
  'k8s_cluster',
  'app',
];

export interface Inventory {
  readonly index: ResourceIndex;
  /** Of each resource that invoices alone tell of, its id. */
  readonly fromInvoices: ReadonlyMap<string, ResourceRow>;
}

/** Everything that a line can be attached to, as the inventory knows it now: those that are gone too. */
export async function loadInventory(app: Pick<App, 'reads'>): Promise<Inventory> {
  const rows = await app.reads.reports.query<ResourceRow>(
    `select id, kind, name, region, (attrs->>'size_gigabytes')::float8 as "sizeGb", first_seen_at as "firstSeenAt",
       deleted_at as "deletedAt", is_from_invoice as "isFromInvoice"
     from cloud_resources where kind = any($1::text[])`,
    [NAMED_KINDS],
  );
  const fromInvoices = new Map(rows.flatMap((row) => (row.isFromInvoice ? [[row.id, row]] : [])));
  return { index: createResourceIndex(rows), fromInvoices };
}
