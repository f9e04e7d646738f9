import { z } from 'zod';
import type { App } from '../../context.js';
import { query } from '../../database/queries.js';
import { rowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudInvoiceIngest } from '../../entities/cloud-invoice-ingest.js';

/** Lines that one transaction deletes. */
const BATCH = 20_000;

const IngestId = rowOf(CloudInvoiceIngest, ['id']);
const Found = rowShape({ found: z.boolean() });

/**
 * Deletes the lines of dropped ingests in short transactions, then the ingests. Any number of processes may
 * do so at once; the next sweep deletes what one leaves.
 */
export async function deleteDroppedIngests(app: Pick<App, 'db'>, invoiceId: string | null = null): Promise<void> {
  const dropped = await query(app.db).many(
    IngestId,
    sql`/* find-dropped-ingests */ select id from cloud_invoice_ingests where state = 'dropped' and (${invoiceId}::uuid is null or invoice_id = ${invoiceId}) order by id`,
  );
  for (const { id } of dropped) {
    let deleted = 0;
    do {
      deleted = await query(
        app.db,
      ).execute(sql`/* delete-dropped-lines */ delete from cloud_cost_lines where ingest_id = ${id}
           and line_number < ${BATCH} + (select min(line_number) from cloud_cost_lines where ingest_id = ${id})`);
    } while (deleted > 0);
    // If another process is about to delete the last lines, that one also deletes the ingest.
    await query(
      app.db,
    ).execute(sql`/* delete-dropped-ingest */ delete from cloud_invoice_ingests ingest where ingest.id = ${id} and ingest.state = 'dropped'
         and not exists (select from cloud_cost_lines line where line.ingest_id = ingest.id)`);
  }
}

export async function hasDroppedIngests(app: Pick<App, 'db'>): Promise<boolean> {
  const { found } = await query(app.db).one(
    Found,
    sql`/* has-dropped-ingests */ select exists (select from cloud_invoice_ingests where state = 'dropped') as found`,
  );
  return found;
}
