import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { App } from '../../context.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf, rowShape } from '../../database/row-shape.js';
import { rawSql, sql } from '../../database/sql.js';
import { CloudInvoice } from '../../entities/cloud-invoice.js';
import { NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { isInventoryKnown } from './inventory-known.js';

const WaitingInvoice = rowOf(CloudInvoice, ['id', 'ingestAttempt']);
type WaitingInvoice = RowOf<typeof WaitingInvoice>;
const Found = rowShape({ found: z.boolean() });

type QueueApp = Pick<App, 'db' | 'clock' | 'queues'>;

/** Queues an ingest of this invoice unless one is queued or running. Operators only. Throws NOT_FOUND. */
export async function requestIngest(app: QueueApp, invoiceId: string): Promise<void> {
  if (!isUuid(invoiceId)) throw new NotFoundError('cloud invoice', invoiceId);
  await query(
    app.db,
  ).execute(sql`/* request-ingest */ update cloud_invoices set ingest_status = 'ingesting', ingest_retry_at = null, ingest_queued_at = ${app.clock()}
     where id = ${invoiceId} and ingest_status in ('ingested', 'failed')`);
  const invoice = await query(app.db).maybeOne(
    WaitingInvoice,
    sql`/* find-ingest-attempt */ select id, ingest_attempt as "ingestAttempt" from cloud_invoices where id = ${invoiceId}`,
  );
  if (!invoice) throw new NotFoundError('cloud invoice', invoiceId);
  await queueIngest(app, invoice, 'requested');
}

/** Wakes a worker for an invoice; everything else is in the invoice's row. */
async function queueIngest(app: Pick<App, 'queues'>, invoice: WaitingInvoice, occasion: string): Promise<void> {
  const id = `ingest-${invoice.id}-${invoice.ingestAttempt}-${occasion}`;
  await app.queues.add('cloud_billing', 'ingest-cloud-invoice', { invoiceId: invoice.id }, { id });
}

const UNCLAIMED = rawSql(
  `(ingest_status = 'discovered' or (ingest_status = 'ingesting' and ingest_lease_until is null))`,
);

/** Queues every ingest that is owed and that no worker has, oldest first. Returns how many. */
export async function queueOwedIngests(app: QueueApp): Promise<number> {
  const owed = await query(app.db).many(
    WaitingInvoice,
    sql`/* find-owed-ingests */ select id, ingest_attempt as "ingestAttempt" from cloud_invoices where ${UNCLAIMED} order by issued_at, id`,
  );
  for (const invoice of owed) await queueIngest(app, invoice, 'requested');
  return owed.length;
}

/** After a sync: queues the ingests that waited for the inventory to be known, if it is known now. */
export async function resumeIngests(app: QueueApp): Promise<void> {
  const { found } = await query(app.db).one(
    Found,
    sql`/* has-owed-ingests */ select exists (select from cloud_invoices where ${UNCLAIMED}) as found`,
  );
  if (found && (await isInventoryKnown(app))) await queueOwedIngests(app);
}

/**
 * Queues owed ingests again that have no live worker: the job was lost, the worker died, or a retry is due. A dead worker's
 * job counts as active for a while and would hide another job of the same name, so each recovery names its jobs anew; a
 * surplus job finds nothing owed. `waitingSeconds`: how long an invoice may be queued before its job counts as lost, 30
 * times as long while other invoices are being ingested.
 */
export async function recoverIngests(app: QueueApp, waitingSeconds = 20): Promise<number> {
  if (!(await isInventoryKnown(app))) return 0;
  const abandoned = await query(app.db).many(
    WaitingInvoice,
    sql`/* recover-ingests */ update cloud_invoices set ingest_queued_at = ${app.clock()}
     where (ingest_status = 'ingesting' and ingest_lease_until < clock_timestamp())
       or ((${UNCLAIMED} or (ingest_status = 'failed' and ingest_retry_at <= ${app.clock()}))
         and ingest_queued_at <= ${app.clock()}::timestamptz - ${waitingSeconds} * interval '1 second' * (select case when count(*) = 0 then 1 else 30 end
           from cloud_invoices busy where busy.ingest_status = 'ingesting' and busy.ingest_lease_until >= clock_timestamp()))
     returning id, ingest_attempt as "ingestAttempt"`,
  );
  const occasion = randomUUID();
  for (const invoice of abandoned) await queueIngest(app, invoice, occasion);
  return abandoned.length;
}
