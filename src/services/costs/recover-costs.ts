import type { App } from '../../context.js';
import { hasDroppedIngests } from './drop-ingests.js';
import { recoverFinancePushes } from './push-to-finance.js';
import { recoverIngests } from './request-ingest.js';

/** What of costs is unfinished and has no live worker is queued again: ingests, pushes, lines to delete. */
export async function recoverCosts(
  app: Pick<App, 'db' | 'clock' | 'queues' | 'finance'>,
  waitingSeconds?: number,
): Promise<void> {
  await recoverIngests(app, waitingSeconds);
  await recoverFinancePushes(app);
  if (await hasDroppedIngests(app)) {
    await app.queues.add('cloud_billing', 'delete-dropped-ingests', {}, { id: 'delete-dropped-ingests' });
  }
}
