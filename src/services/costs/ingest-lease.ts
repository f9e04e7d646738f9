import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { App } from '../../context.js';
import type { Period } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { rowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudInvoice } from '../../entities/cloud-invoice.js';
import { renewRegularly } from '../leases/hold-lease.js';
import { isFree, type LeaseLostError, leasesOf } from '../leases/lease.js';

type LeaseApp = Pick<App, 'db' | 'clock' | 'config' | 'log' | 'processId'>;

/** One attempt to ingest one invoice. */
export interface Ingest {
  /** `cloud_invoice_ingests.id`, under which it writes its lines. */
  readonly id: string;
  readonly attempt: number;
  readonly invoiceId: string;
  readonly providerId: string;
  readonly period: Period;
}

const ingestLeases = leasesOf<Pick<Ingest, 'invoiceId' | 'attempt'>>({
  name: 'ingest',
  table: 'cloud_invoices',
  untilColumn: 'ingest_lease_until',
  ownerColumn: 'ingest_lease_owner',
  // An invoice that is being ingested and has no lease is queued again.
  released: 'null',
  isHeldBy: ({ invoiceId, attempt }) =>
    sql`id = ${invoiceId} and ingest_status = 'ingesting' and ingest_attempt = ${attempt}`,
  describe: ({ invoiceId }) => `the ingest of cloud invoice ${invoiceId}`,
});

const ClaimedRow = rowOf(CloudInvoice, ['id', 'ingestAttempt', 'providerId', 'period']);
const IngestIdRow = rowShape({ id: z.string() });

/**
 * Claims the invoice if an ingest of it is due, and drops what earlier attempts have written. Null: nothing is due, or
 * another worker has the invoice.
 */
export async function claimIngest(app: LeaseApp, invoiceId: string): Promise<Ingest | null> {
  const at = app.clock();
  return app.db.transaction(async (db) => {
    const claimed = await ingestLeases.claim(query(db), ClaimedRow, {
      where: sql`id = ${invoiceId} and (ingest_status = 'discovered'
        or (ingest_status = 'ingesting' and ${isFree('ingest_lease_until')})
        or (ingest_status = 'failed' and ingest_retry_at <= ${at}))`,
      set: sql`ingest_status = 'ingesting', ingest_attempt = ingest_attempt + 1`,
      returning: ClaimedRow.columns('cloud_invoices'),
      owner: app.processId,
      seconds: app.config.sagaLeaseSeconds,
    });
    if (!claimed) return null;
    await query(db).execute(
      sql`/* drop-earlier-ingests */ update cloud_invoice_ingests set state = 'dropped'
        where invoice_id = ${invoiceId} and state = 'writing'`,
    );
    const { id } = await query(db).one(
      IngestIdRow,
      sql`/* insert-ingest */ insert into cloud_invoice_ingests (invoice_id, state, started_at)
        values (${invoiceId}, 'writing', ${at}) returning id`,
    );
    const { ingestAttempt: attempt, providerId, period } = claimed;
    return { id, attempt, invoiceId, providerId, period };
  });
}

/**
 * Locks the ingest for the rest of the transaction, so that nobody drops its lines meanwhile. Throws LeaseLostError if
 * they were dropped already: another worker has the invoice.
 */
export async function holdIngest(db: EntityManager, ingest: Ingest): Promise<void> {
  const held = await query(db).maybeOne(
    IngestIdRow,
    sql`/* lock-ingest */ select id from cloud_invoice_ingests where id = ${ingest.id} and state = 'writing' for share`,
  );
  if (held === null) throw lost(ingest);
}

export function lost(ingest: Ingest): LeaseLostError {
  return ingestLeases.lostError(ingest);
}

/** Renews the lease for as long as this process is alive. The returned function stops that. */
export function keepIngest(app: LeaseApp, ingest: Ingest): () => void {
  const seconds = app.config.sagaLeaseSeconds;
  const renew = () => ingestLeases.renew(query(app.db), ingest, seconds);
  return renewRegularly({ seconds, subject: `ingest of cloud invoice ${ingest.invoiceId}`, log: app.log, renew });
}

/** Ends the lease of an unfinished ingest, so that the next worker need not wait. */
export async function releaseIngest(app: Pick<App, 'db'>, ingest: Ingest): Promise<void> {
  await ingestLeases.release(query(app.db), ingest);
}
