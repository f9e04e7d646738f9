import type { App } from '../context.js';
import type { SyncScope } from '../core/inventory/sync-scope.js';
import { sagaSteps } from '../sagas/all.js';
import { snapshotBalance } from '../services/costs/balance.js';
import { discoverInvoices } from '../services/costs/discover-invoices.js';
import { deleteDroppedIngests } from '../services/costs/drop-ingests.js';
import { ingestInvoice } from '../services/costs/ingest-invoice.js';
import { pushToFinance } from '../services/costs/push-to-finance.js';
import { recoverCosts } from '../services/costs/recover-costs.js';
import { resumeIngests } from '../services/costs/request-ingest.js';
import { detectDrift } from '../services/drift/detect-drift.js';
import { recoverSyncRuns, requestSync } from '../services/inventory/request-sync.js';
import { runSync } from '../services/inventory/run-sync.js';
import { scopesOfQueue } from '../services/inventory/scopes/all.js';
import { pushReceivable, recoverReceivablePushes } from '../services/invoices/push-receivable.js';
import { rollUpDuePeriods } from '../services/invoices/roll-up-due-periods.js';
import { endDueTrials } from '../services/lifecycle/trials.js';
import { meterBandwidth } from '../services/metering/meter-bandwidth.js';
import { meterDueDays } from '../services/metering/meter-usage.js';
import { recoverSagas } from '../services/sagas/recover-sagas.js';
import { runSaga } from '../services/sagas/run-saga.js';
import type { JobHandler } from './queues.js';

/** What each job does: one service call. Every one of them may be delivered twice. */
export function jobHandlers(app: App): Readonly<Record<string, JobHandler>> {
  const scheduled =
    (scopes: readonly SyncScope[]): JobHandler =>
    async () => {
      await requestSync(app, { trigger: 'schedule', requestedBy: 'schedule' }, scopes);
    };
  return {
    sync: async ({ runId }, signal) => {
      await runSync(app, runId as string, signal);
      await resumeIngests(app);
    },
    'request-sync-fast': scheduled(['droplet_status']),
    'request-sync-full': scheduled(scopesOfQueue('cloud_sync_full')),
    'request-sync-snapshots': scheduled(['snapshots']),
    'request-sync-backups': scheduled(['backups']),
    'request-sync-spaces': scheduled(['spaces']),
    'detect-drift': async (_data, signal) => {
      await detectDrift(app, 'schedule', signal);
    },
    'snapshot-balance': async (_data, signal) => {
      await snapshotBalance(app, signal);
    },
    'discover-cloud-invoices': async (_data, signal) => {
      await discoverInvoices(app, signal);
    },
    'ingest-cloud-invoice': ({ invoiceId }, signal) => ingestInvoice(app, invoiceId as string, signal),
    'push-cloud-invoice': ({ invoiceId }, signal) => pushToFinance(app, invoiceId as string, signal),
    'push-receivable': ({ invoiceId }, signal) => pushReceivable(app, invoiceId as string, signal),
    'delete-dropped-ingests': () => deleteDroppedIngests(app),
    'meter-due-days': async () => {
      await meterDueDays(app);
      await rollUpDuePeriods(app);
    },
    'meter-bandwidth': async (_data, signal) => {
      await meterBandwidth(app, signal);
    },
    'roll-up-due-periods': async () => {
      await meterDueDays(app);
      await rollUpDuePeriods(app);
    },
    'run-saga': ({ sagaId }, signal) => runSaga(app, sagaSteps, sagaId as string, signal),
    recover: async () => {
      await endDueTrials(app);
      await recoverSagas(app);
      await recoverSyncRuns(app);
      await recoverCosts(app);
      await recoverReceivablePushes(app);
    },
  };
}
