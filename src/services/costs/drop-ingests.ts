import type { App } from '../../context.js';

/** Lines that one transaction deletes. */
const BATCH = 20_000;

/**
 * Deletes the lines of ingests that are dropped, in short transactions, then the ingests themselves. Any number of
 * processes may do so at once; what one leaves the next sweep takes up.
 */
export async function deleteDroppedIngests(app: Pick<App, 'db'>, invoiceId: string | null = null): Promise<void> {
  const dropped: { id: string }[] = await app.db.query(
    `select id from cloud_invoice_ingests where state = 'dropped' and ($1::uuid is null or invoice_id = $1) order by id`,
    [invoiceId],
  );
  for (const { id } of dropped) {
    let deleted = 0;
    do {
      [, deleted] = await app.db.query(
        `delete from cloud_cost_lines where ingest_id = $1
           and line_number < $2 + (select min(line_number) from cloud_cost_lines where ingest_id = $1)`,
        [id, BATCH],
      );
    } while (deleted > 0);
    // Where another process is about to delete the last lines, it also does this.
    await app.db.query(
      `delete from cloud_invoice_ingests ingest where ingest.id = $1 and ingest.state = 'dropped'
         and not exists (select from cloud_cost_lines line where line.ingest_id = ingest.id)`,
      [id],
    );
  }
}

export async function hasDroppedIngests(app: Pick<App, 'db'>): Promise<boolean> {
  const [row]: { found: boolean }[] = await app.db.query(
    `select exists (select from cloud_invoice_ingests where state = 'dropped') as found`,
  );
  return row?.found === true;
}
