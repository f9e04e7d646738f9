import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import type { Period } from '../../core/time/period.js';

type LeaseApp = Pick<App, 'db' | 'clock' | 'config' | 'log' | 'processId'>;

/** The invoice went to another worker; whoever held it stops without a further write. */
export class IngestLostError extends Error {
  override readonly name = 'IngestLostError';
}

/** One go at one invoice. */
export interface Ingest {
  /** `cloud_invoice_ingests.id`, under which it writes its lines. */
  readonly id: string;
  readonly attempt: number;
  readonly invoiceId: string;
  readonly providerId: string;
  readonly period: Period;
}

/**
 * Takes the invoice if an ingest of it is owed, and drops what earlier goes at it have written. Null: nothing is owed, or
 * another worker has it.
 */
export async function claimIngest(app: LeaseApp, invoiceId: string): Promise<Ingest | null> {
  return app.db.transaction(async (db) => {
    const [[claimed]]: [Omit<Ingest, 'id'>[], number] = await db.query(
      `update cloud_invoices set ingest_status = 'ingesting', ingest_attempt = ingest_attempt + 1,
         ingest_lease_owner = $3, ingest_lease_until = clock_timestamp() + $4 * interval '1 second'
       where id = $1 and (ingest_status = 'discovered'
         or (ingest_status = 'ingesting' and (ingest_lease_until is null or ingest_lease_until < clock_timestamp()))
         or (ingest_status = 'failed' and ingest_retry_at <= $2))
       returning id as "invoiceId", ingest_attempt as attempt, provider_id as "providerId", period::text as period`,
      [invoiceId, app.clock(), app.processId, app.config.sagaLeaseSeconds],
    );
    if (!claimed) return null;
    await db.query(`update cloud_invoice_ingests set state = 'dropped' where invoice_id = $1 and state = 'writing'`, [
      invoiceId,
    ]);
    const [{ id }]: [{ id: string }] = await db.query(
      `insert into cloud_invoice_ingests (invoice_id, state, started_at) values ($1, 'writing', $2) returning id`,
      [invoiceId, app.clock()],
    );
    return { ...claimed, id };
  });
}

/** Makes sure, until the transaction ends, that this ingest's lines may still be written: nobody drops them meanwhile. */
export async function holdIngest(db: EntityManager, ingest: Ingest): Promise<void> {
  const held: unknown[] = await db.query(
    `select from cloud_invoice_ingests where id = $1 and state = 'writing' for share`,
    [ingest.id],
  );
  if (held.length === 0) throw lost(ingest);
}

export function lost({ invoiceId }: Ingest): IngestLostError {
  return new IngestLostError(`the ingest of cloud invoice ${invoiceId} went to another worker`);
}

/** Renews the lease for as long as this process is alive. The returned function stops that. */
export function keepIngest(app: LeaseApp, ingest: Ingest): () => void {
  const seconds = app.config.sagaLeaseSeconds;
  const renew = () => {
    const renewed = app.db.query(
      `update cloud_invoices set ingest_lease_until = clock_timestamp() + $3 * interval '1 second'
       where id = $1 and ingest_status = 'ingesting' and ingest_attempt = $2`,
      [ingest.invoiceId, ingest.attempt, seconds],
    );
    // A renewal that fails is no harm by itself: the next write finds out who has the invoice.
    renewed.catch((err) => app.log.warn({ err, invoiceId: ingest.invoiceId }, 'ingest lease not renewed'));
  };
  const timer = setInterval(renew, (seconds * 1000) / 3);
  return () => clearInterval(timer);
}

/** Hands an unfinished invoice back, so that the next worker need not wait for the lease to end. */
export async function releaseIngest(app: Pick<App, 'db'>, ingest: Ingest): Promise<void> {
  await app.db.query(
    `update cloud_invoices set ingest_lease_until = null, ingest_lease_owner = null
     where id = $1 and ingest_status = 'ingesting' and ingest_attempt = $2`,
    [ingest.invoiceId, ingest.attempt],
  );
}
