import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly graphqlOperations: Counter<'operation' | 'outcome'>;
  readonly graphqlSeconds: Histogram<'operation'>;
  readonly rateLimitStoreFailures: Counter;
  readonly providerRequests: Counter<'purpose' | 'method' | 'status'>;
}

export interface MetricSources {
  socketCount(): number;
  socketWaitingBytes(): number;
}

export interface QueueSources {
  /** Empty while the queue's store does not answer. */
  counts(): Promise<readonly { queue: string; state: string; count: number }[]>;
  outageMs(): number;
  workersUp(): { readonly working: number; readonly wanted: number };
  owedCount(): number;
}

/** Prometheus metrics of one process; labels are of bounded sets. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    graphqlOperations: new Counter({
      name: 'arcadia_graphql_operations_total',
      help: 'GraphQL operations over HTTP, by type and outcome',
      labelNames: ['operation', 'outcome'],
      registers,
    }),
    graphqlSeconds: new Histogram({
      name: 'arcadia_graphql_seconds',
      help: 'Time to answer a GraphQL operation over HTTP',
      labelNames: ['operation'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    rateLimitStoreFailures: new Counter({
      name: 'arcadia_rate_limit_store_failures_total',
      help: 'Times that shared rate limits could not be counted, so that this process counted alone',
      registers,
    }),
    providerRequests: new Counter({
      name: 'arcadia_provider_requests_total',
      help: 'Requests sent to the provider',
      labelNames: ['purpose', 'method', 'status'],
      registers,
    }),
  };
}

/** Figures that are looked up when somebody scrapes. */
export function watchSources({ registry }: Metrics, sources: MetricSources): void {
  new Gauge({
    name: 'arcadia_sockets',
    help: 'Open WebSockets',
    registers: [registry],
    collect() {
      this.set(sources.socketCount());
    },
  });
  new Gauge({
    name: 'arcadia_socket_waiting_bytes',
    help: 'Bytes that wait for the clients of WebSockets to take them',
    registers: [registry],
    collect() {
      this.set(sources.socketWaitingBytes());
    },
  });
}

export function watchQueues({ registry }: Metrics, queues: QueueSources): void {
  const registers = [registry];
  new Gauge({
    name: 'arcadia_queue_jobs',
    help: 'Jobs by queue and state',
    labelNames: ['queue', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { queue, state, count } of await queues.counts()) this.set({ queue, state }, count);
    },
  });
  new Gauge({
    name: 'arcadia_queue_outage_seconds',
    help: 'How long the store of the queues has not answered this process; 0 while it does',
    registers,
    collect() {
      this.set(queues.outageMs() / 1_000);
    },
  });
  new Gauge({
    name: 'arcadia_queue_workers',
    help: 'Queues that this process should work on, and those that it works on',
    labelNames: ['state'],
    registers,
    collect() {
      const { working, wanted } = queues.workersUp();
      this.set({ state: 'wanted' }, wanted);
      this.set({ state: 'working' }, working);
    },
  });
  new Gauge({
    name: 'arcadia_jobs_owed',
    help: 'Jobs that wait in this process for the store of the queues to answer',
    registers,
    collect() {
      this.set(queues.owedCount());
    },
  });
}
