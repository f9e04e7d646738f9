import type { QueueName } from '../context.js';
import type { JobSchedule } from './queues.js';

/** When what runs by itself, UTC; read it beside the runtime contract. */
export const SCHEDULE: readonly JobSchedule[] = [
  { id: 'droplet-status', queue: 'cloud_sync_fast', job: 'request-sync-fast', cron: '* * * * *' },
  { id: 'full-sync', queue: 'cloud_sync_full', job: 'request-sync-full', cron: '*/15 * * * *' },
  { id: 'drift', queue: 'cloud_sync_full', job: 'detect-drift', cron: '20 * * * *' },
  { id: 'snapshots', queue: 'cloud_sync_slow', job: 'request-sync-snapshots', cron: '33 * * * *' },
  { id: 'backups', queue: 'cloud_sync_slow', job: 'request-sync-backups', cron: '41 * * * *' },
  { id: 'spaces', queue: 'cloud_sync_slow', job: 'request-sync-spaces', cron: '51 * * * *' },
  { id: 'balance', queue: 'cloud_billing', job: 'snapshot-balance', cron: '7 * * * *' },
  { id: 'billing-history', queue: 'cloud_billing', job: 'discover-cloud-invoices', cron: '23 2 * * *' },
  { id: 'metering', queue: 'metering', job: 'meter-due-days', cron: '10 1 * * *' },
  { id: 'bandwidth', queue: 'cloud_sync_slow', job: 'meter-bandwidth', cron: '25 * * * *' },
  { id: 'invoice-rollup', queue: 'metering', job: 'roll-up-due-periods', cron: '0 3 1 * *' },
  // Both again where a run failed or waited; nothing where all is done.
  { id: 'billing-retry', queue: 'metering', job: 'roll-up-due-periods', cron: '50 3-23 * * *' },
  { id: 'recovery', queue: 'provisioning', job: 'recover', everyMs: 30_000 },
];

/** Jobs of a queue that one process works on at once. */
export const CONCURRENCY: Readonly<Record<QueueName, number>> = {
  provisioning: 20,
  cloud_sync_fast: 1,
  cloud_sync_full: 3,
  cloud_sync_slow: 2,
  cloud_billing: 3,
  metering: 1,
};
