import { z } from 'zod';
import type { App } from '../../context.js';
import { NAMED_KINDS } from '../../core/costs/line-kind.js';
import { foldCase } from '../../core/costs/name-shape.js';
import { createResourceIndex, type ResourceIndex, type ResourceRow } from '../../core/costs/resource-index.js';
import { groupBy } from '../../core/lists/group-by.js';
import type { Period } from '../../core/time/period.js';
import { rowOf, rowShape, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudResource } from '../../entities/cloud-resource.js';

export interface Inventory {
  readonly index: ResourceIndex;
  /** By id: the resources that only invoices name. */
  readonly fromInvoices: ReadonlyMap<string, ResourceRow>;
}

const NamedColumns = rowOf(CloudResource, [
  'id',
  'kind',
  'name',
  'region',
  'firstSeenAt',
  'deletedAt',
  'isFromInvoice',
]);
const NamedRow = rowWith(NamedColumns, { sizeGb: z.number().nullable(), createdAt: z.string().nullable() });
const IdRow = rowShape({ id: z.string() });

/** Every resource that a line of the period's invoice can be attached to, tombstones included. */
export async function loadInventory(app: Pick<App, 'reads'>, period: Period): Promise<Inventory> {
  const listed = await app.reads.reports.many(
    NamedRow,
    sql`/* load-inventory */ select ${NamedColumns.columns('resource')},
       (resource.attrs ->> 'size_gigabytes')::float8 as "sizeGb", resource.attrs ->> 'created_at' as "createdAt"
     from cloud_resources resource where resource.kind = any(${[...NAMED_KINDS]}::text[])`,
  );
  const billed = await findBilledBefore(app, namesakesAmong(listed), period);
  const rows = listed.map((row) => ({
    ...row,
    createdAt: instantOf(row.createdAt),
    isBilledBefore: billed.has(row.id),
  }));
  const fromInvoices = new Map(rows.flatMap((row) => (row.isFromInvoice ? [[row.id, row]] : [])));
  return { index: createResourceIndex(rows), fromInvoices };
}

/** Ids of the listed resources that share their kind and name with another. */
function namesakesAmong(rows: readonly Pick<ResourceRow, 'id' | 'kind' | 'name' | 'isFromInvoice'>[]): string[] {
  const listed = rows.filter((row) => !row.isFromInvoice);
  const byName = groupBy(listed, (row) => `${row.kind}\n${foldCase(row.name)}`);
  return [...byName.values()].flatMap((namesakes) => (namesakes.length > 1 ? namesakes.map(({ id }) => id) : []));
}

/** Which of the resources live lines name and bill, in this period's invoices or earlier ones. */
async function findBilledBefore(
  app: Pick<App, 'reads'>,
  ids: readonly string[],
  period: Period,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const billed = await app.reads.reports.many(
    IdRow,
    sql`/* find-billed-before */ select resource.id from cloud_resources resource
     where resource.id = any(${ids}::uuid[]) and exists (
       select from live_cost_lines line where line.resource_id = resource.id and line.period <= ${period}::date
         and position(lower(resource.name) in lower(concat_ws(' ', line.group_description, line.description))) > 0)`,
  );
  return new Set(billed.map(({ id }) => id));
}

function instantOf(text: string | null): Date | null {
  const instant = text === null ? null : new Date(text);
  return instant === null || Number.isNaN(+instant) ? null : instant;
}
