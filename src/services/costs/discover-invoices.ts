import { z } from 'zod';
import type { App } from '../../context.js';
import { type HistoryEntry, invoiceHeaders, type ListedInvoice } from '../../core/costs/invoice-headers.js';
import { PROVIDER_CURRENCY } from '../../core/costs/provider-money.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { PROVIDER_SQL } from '../inventory/provider.js';
import { queueOwedIngests } from './request-ingest.js';

export interface Discovery {
  /** Invoices that were not known before. */
  readonly discovered: number;
  /** Invoices that wait for an ingest now, those from before included. */
  readonly queued: number;
}

const WrittenHeader = rowShape({ isNew: z.boolean() });

/**
 * Reads the whole billing history, stores a header of each invoice, and queues the ingest of every one that is not
 * ingested: new, failed before, or stated otherwise than when it was ingested. Operators only.
 */
export async function discoverInvoices(
  app: Pick<App, 'db' | 'clock' | 'queues' | 'digitalOcean' | 'log'>,
  signal?: AbortSignal,
): Promise<Discovery> {
  const options = signal ? { signal } : {};
  const history: HistoryEntry[] = [];
  for await (const page of app.digitalOcean.billing.billingHistory.pages(options)) {
    for (const entry of page.items) history.push({ ...entry, invoiceUuid: entry.invoice_uuid });
  }
  const listed: ListedInvoice[] = [];
  for await (const page of app.digitalOcean.billing.invoices.pages(options)) {
    for (const { invoice_uuid: uuid, invoice_period: period, amount } of page.items) {
      listed.push({ uuid, period, amount });
    }
  }
  const headers = invoiceHeaders(history, listed);
  const at = app.clock();
  const written = await query(app.db).many(
    WrittenHeader,
    sql`/* save-listed-invoices */ insert into cloud_invoices as known (provider, provider_id, period, currency, total_cents, issued_at, discovered_at,
       ingest_status, ingest_queued_at)
     select ${PROVIDER_SQL}, header."providerId", header.period, ${PROVIDER_CURRENCY}::text, header."totalCents",
       header."issuedAt", ${at}::timestamptz, 'discovered', ${at}::timestamptz
     from jsonb_to_recordset(${JSON.stringify(headers)}::jsonb)
       as header("providerId" text, period date, "totalCents" bigint, "issuedAt" timestamptz)
     on conflict (provider, provider_id) do update
     set period = excluded.period, total_cents = excluded.total_cents, issued_at = excluded.issued_at,
       ingest_status = case when known.ingest_status = 'ingested'
         and (known.period, known.total_cents) is distinct from (excluded.period, excluded.total_cents)
         then 'ingesting' else known.ingest_status end
     where (known.period, known.total_cents, known.issued_at)
       is distinct from (excluded.period, excluded.total_cents, excluded.issued_at)
     returning known.xmax = 0 as "isNew"`,
  );
  await query(
    app.db,
  ).execute(sql`/* queue-failed-ingests */ update cloud_invoices set ingest_status = 'ingesting', ingest_retry_at = null, ingest_queued_at = ${at}
     where ingest_status = 'failed'`);
  const discovered = written.filter((row) => row.isNew).length;
  const queued = await queueOwedIngests(app);
  app.log.info({ entries: history.length, invoices: headers.length, discovered, queued }, 'billing history read');
  return { discovered, queued };
}
