import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Config } from './config.js';
import type { Reads } from './database/reads.js';
import type { DigitalOcean } from './integrations/digitalocean/client.js';
import type { FinanceClient } from './integrations/finance/client.js';
import type { SpacesClient } from './integrations/spaces/client.js';
import type { LiveStreams } from './services/live/live-streams.js';

/** Everything that services need, built once in `app.ts`. Services take the part that they use: `Pick<App, 'db'>`. */
export interface App {
  readonly config: Config;
  readonly log: Logger;
  /** Business time. What processes compete for (leases) uses the database's clock instead. */
  readonly clock: () => Date;
  readonly db: DataSource;
  /** Prepared statements for hot reads, outside any transaction. */
  readonly reads: Reads;
  /** One client a purpose, so that one purpose's rate limit never starves another. */
  readonly digitalOcean: DigitalOcean;
  /** Object storage, one client for each region that there are keys for. */
  readonly spaces: readonly SpacesClient[];
  /** The company's books; null where they are not configured. */
  readonly finance: FinanceClient | null;
  readonly queues: Queues;
  readonly live: LiveStreams;
  /** Names this process in leases. */
  readonly processId: string;
}

export const QUEUE_NAMES = [
  'provisioning',
  'cloud_sync_fast',
  'cloud_sync_full',
  'cloud_sync_slow',
  'cloud_billing',
  'metering',
] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** Ids only: losing a job must lose nothing. */
export type JobData = Readonly<Record<string, string>>;

export interface Queues {
  /** After the commit that made the work. A job with the same `id` that is still waiting or active is the same job. */
  add(
    queue: QueueName,
    job: string,
    data: JobData,
    options: { readonly id: string; readonly delayMs?: number },
  ): Promise<void>;
}

/** Who asks, from the verified JWT. */
export interface Viewer {
  readonly subject: string;
  readonly tenantId: string;
  readonly roles: readonly string[];
  readonly isOperator: boolean;
  /** Epoch seconds; a socket ends then. */
  readonly expiresAt: number;
}
