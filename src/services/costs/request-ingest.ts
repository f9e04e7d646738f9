import { randomUUID } from 'node:crypto';
import type { App } from '../../context.js';
import type { CloudInvoice } from '../../entities/cloud-invoice.js';
import { NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { isInventoryKnown } from './inventory-known.js';

type QueueApp = Pick<App, 'db' | 'clock' | 'queues'>;

/** Queues an ingest of this invoice; one that is queued or at work already is not queued twice. Operators only. */
export async function requestIngest(app: QueueApp, invoiceId: string): Promise<void> {
  if (!isUuid(invoiceId)) throw new NotFoundError('cloud invoice', invoiceId);
  await app.db.query(
    `update cloud_invoices set ingest_status = 'ingesting', ingest_retry_at = null, ingest_queued_at = $2
     where id = $1 and ingest_status in ('ingested', 'failed')`,
    [invoiceId, app.clock()],
  );
  const [invoice]: WaitingInvoice[] = await app.db.query(
    `select id, ingest_attempt as "ingestAttempt" from cloud_invoices where id = $1`,
    [invoiceId],
  );
  if (!invoice) throw new NotFoundError('cloud invoice', invoiceId);
  await queueIngest(app, invoice, 'asked');
}

export type WaitingInvoice = Pick<CloudInvoice, 'id' | 'ingestAttempt'>;

/** Wakes a worker for an invoice; the invoice's row says everything else. */
async function queueIngest(app: Pick<App, 'queues'>, invoice: WaitingInvoice, occasion: string): Promise<void> {
  const id = `ingest-${invoice.id}-${invoice.ingestAttempt}-${occasion}`;
  await app.queues.add('cloud_billing', 'ingest-cloud-invoice', { invoiceId: invoice.id }, { id });
}

const UNCLAIMED = `(ingest_status = 'discovered' or (ingest_status = 'ingesting' and ingest_lease_until is null))`;

/** Queues every ingest that is owed and that nobody has, oldest first. Answers how many. */
export async function queueOwedIngests(app: QueueApp): Promise<number> {
  const owed: WaitingInvoice[] = await app.db.query(
    `select id, ingest_attempt as "ingestAttempt" from cloud_invoices where ${UNCLAIMED} order by issued_at, id`,
  );
  for (const invoice of owed) await queueIngest(app, invoice, 'asked');
  return owed.length;
}

/** After a sync: queues the ingests that had to wait for the inventory to be known, if now it is. */
export async function resumeIngests(app: QueueApp): Promise<void> {
  const [row]: { found: boolean }[] = await app.db.query(
    `select exists (select from cloud_invoices where ${UNCLAIMED}) as found`,
  );
  if (row?.found && (await isInventoryKnown(app))) await queueOwedIngests(app);
}

/**
 * Queues again what is owed and has no live worker: its job was lost, its worker died, or the time to try again has come.
 * A dead worker's job counts as active for a while and would hide another of its name, so each recovery's jobs have
 * names of their own; a job too many finds nothing owed. `waitingSeconds`: how long an invoice may be queued before its
 * job is taken for lost. While others are being ingested it is likely to wait its turn, and has longer.
 */
export async function recoverIngests(app: QueueApp, waitingSeconds = 20): Promise<number> {
  if (!(await isInventoryKnown(app))) return 0;
  const [abandoned]: [WaitingInvoice[], number] = await app.db.query(
    `update cloud_invoices set ingest_queued_at = $1
     where (ingest_status = 'ingesting' and ingest_lease_until < clock_timestamp())
       or ((${UNCLAIMED} or (ingest_status = 'failed' and ingest_retry_at <= $1))
         and ingest_queued_at <= $1::timestamptz - $2 * interval '1 second' * (select case when count(*) = 0 then 1 else 30 end
           from cloud_invoices busy where busy.ingest_status = 'ingesting' and busy.ingest_lease_until >= clock_timestamp()))
     returning id, ingest_attempt as "ingestAttempt"`,
    [app.clock(), waitingSeconds],
  );
  const occasion = randomUUID();
  for (const invoice of abandoned) await queueIngest(app, invoice, occasion);
  return abandoned.length;
}
