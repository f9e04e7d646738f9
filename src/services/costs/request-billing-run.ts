import type { App } from '../../context.js';

/**
 * Queues a balance snapshot and a reading of the billing history, as a process begins; the ingests follow by themselves
 * once the inventory is known.
 */
export async function requestBillingRun(app: Pick<App, 'queues' | 'processId'>): Promise<void> {
  for (const job of ['snapshot-balance', 'discover-cloud-invoices']) {
    await app.queues.add('cloud_billing', job, {}, { id: `${job}-${app.processId}` });
  }
}
