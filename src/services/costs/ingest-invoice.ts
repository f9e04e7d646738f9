import type { App } from '../../context.js';
import { addToTotals, NO_LINES } from '../../core/costs/ingest-totals.js';
import { recordBilledResources } from '../inventory/billed-resources.js';
import { LineAttacher } from './attach-lines.js';
import { deleteDroppedIngests } from './drop-ingests.js';
import { activateIngest, appendIngestEvent, endUnfinished, type IngestResult } from './finish-ingest.js';
import { claimIngest, holdIngest, type Ingest, keepIngest } from './ingest-lease.js';
import { isInventoryKnown } from './inventory-known.js';
import { loadInventory } from './load-inventory.js';
import { queueFinancePush } from './push-to-finance.js';
import { readInvoiceCsv } from './read-invoice-csv.js';
import { CostLineWriter } from './write-cost-lines.js';

export type IngestApp = Pick<
  App,
  'db' | 'reads' | 'clock' | 'digitalOcean' | 'log' | 'processId' | 'config' | 'queues' | 'finance'
>;

/** Resources that one transaction makes. */
const RESOURCES_BATCH = 1_000;
/** Resources that invoices alone tell of are made once all lines are read; more than so many do not wait for that. */
const MAX_PENDING = 50_000;

/**
 * Ingests one cloud invoice, if that is owed and nobody else does it: streams its CSV, matches, writes the lines where
 * nobody sees them, then lets them take the place of the old ones. Before every billed scope has been synced, all that an
 * invoice names would pass for gone; until then it leaves the invoice as it is.
 */
export async function ingestInvoice(app: IngestApp, invoiceId: string, signal: AbortSignal): Promise<void> {
  if (!(await isInventoryKnown(app))) return;
  const ingest = await claimIngest(app, invoiceId);
  if (!ingest) return;
  const stopKeeping = keepIngest(app, ingest);
  const started = Date.now();
  try {
    const result = await writeLines(app, ingest, signal);
    await activateIngest(app, ingest, result);
    await appendIngestEvent(app, ingest, result, Date.now() - started);
    await queueFinancePush(app, invoiceId, ingest.id);
  } catch (err) {
    await endUnfinished(app, ingest, err, signal);
  } finally {
    stopKeeping();
  }
  await deleteDroppedIngests(app, invoiceId);
}

/** Reads, matches and writes every line, never holding more than a few. */
async function writeLines(app: IngestApp, ingest: Ingest, signal: AbortSignal): Promise<IngestResult> {
  const bytes = await app.digitalOcean.billing.invoices.csv(ingest.providerId, { signal });
  const attacher = new LineAttacher(await loadInventory(app, ingest.period), ingest.period);
  const writer = new CostLineWriter(app, ingest);
  let totals = NO_LINES;
  for await (const drafts of readInvoiceCsv(bytes)) {
    signal.throwIfAborted();
    totals = addToTotals(totals, drafts);
    await writer.add(attacher.attach(drafts));
    if (attacher.billedCount > MAX_PENDING) await recordBilled(app, ingest, attacher);
  }
  await writer.end();
  await recordBilled(app, ingest, attacher);
  return { totals, matchedCount: attacher.matchedCount };
}

async function recordBilled(app: IngestApp, ingest: Ingest, attacher: LineAttacher): Promise<void> {
  const resources = attacher.takeBilled();
  for (let start = 0; start < resources.length; start += RESOURCES_BATCH) {
    await app.db.transaction(async (db) => {
      await holdIngest(db, ingest);
      const observation = { actor: `cloud-invoice:${ingest.invoiceId}`, at: app.clock() };
      await recordBilledResources(db, observation, resources.slice(start, start + RESOURCES_BATCH));
    });
  }
}
