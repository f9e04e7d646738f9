import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Config } from './config.js';
import type { Reads } from './database/reads.js';
import type { DigitalOcean } from './integrations/digitalocean/client.js';
import type { Queues } from './jobs/queues.js';
import type { LiveStreams } from './services/live/live-streams.js';

/** Everything that services need, built once in `app.ts`. Services take the part that they use: `Pick<App, 'db'>`. */
export interface App {
  readonly config: Config;
  readonly log: Logger;
  /** Business time. Leases and expiries that processes compete for use the database's clock instead. */
  readonly clock: () => Date;
  readonly db: DataSource;
  /** Prepared statements for hot reads, outside any transaction. */
  readonly reads: Reads;
  /** One client a purpose, so that one purpose's rate limit never starves another. */
  readonly digitalOcean: DigitalOcean;
  readonly queues: Queues;
  readonly live: LiveStreams;
}

/** Who asks, from the verified JWT. */
export interface Viewer {
  readonly subject: string;
  readonly tenantId: string;
  readonly roles: readonly string[];
  readonly isOperator: boolean;
  /** Epoch seconds; the socket ends then. */
  readonly expiresAt: number;
}
