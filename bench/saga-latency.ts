// From a step's commit to who follows the saga in another process, beside a bare LISTEN/NOTIFY.
import pg from 'pg';
import { WebSocket } from 'ws';
import { signToken } from '../src/commands/token.js';
import type { App } from '../src/context.js';
import { followSaga } from '../src/services/sagas/follow-sagas.js';
import { BENCH_SECRET, startApi } from './processes.js';
import { noOp, OPERATOR, runNoOps, startNoOps, startParts } from './saga-parts.js';
import { median, percentile, report, say } from './support.js';

const STEPS = 300;
const ROUNDS = 3;
/** A notification, and a read of the rows that it speaks of. */
const AT_MOST = 5;
/** Of each series: connections, plans and code warm up. */
const UNCOUNTED = 20;
const QUERY = 'subscription($id: ID!) { sagaProgress(sagaId: $id) { cursor sequence type at stepIndex status } }';

/** Tells of every step that began, once the commit that says so is known here. */
type Hear = (stepIndex: number) => void;

interface Series {
  readonly ours: number[];
  readonly bare: number[];
}

/** Runs a saga whose steps each wait until the follower has heard of it, and then for a bare notification. */
async function measure(
  app: App,
  bare: Notifier,
  follow: (id: string, hear: Hear) => Promise<() => Promise<void>>,
): Promise<Series> {
  const id = await startNoOps(app, STEPS);
  const series: Series = { ours: [], bare: [] };
  const heardEarly = new Set<number>();
  let index = -1;
  let onHeard = () => {};
  const step = noOp(async () => {
    index += 1;
    const committed = performance.now();
    if (!heardEarly.has(index)) {
      await new Promise<void>((resolve) => {
        onHeard = resolve;
      });
    }
    series.ours.push(performance.now() - committed);
    series.bare.push(await bare.roundTrip());
  });
  const stop = await follow(id, (stepIndex) => {
    heardEarly.add(stepIndex);
    if (stepIndex === index) onHeard();
  });
  await runNoOps(app, id, step);
  await stop();
  return { ours: series.ours.slice(UNCOUNTED), bare: series.bare.slice(UNCOUNTED) };
}

/** In the services of another process's worth of parts. */
async function followInServices(app: App, id: string, hear: Hear): Promise<() => Promise<void>> {
  const events = await followSaga(app, OPERATOR, id, null);
  const told = (async () => {
    for await (const event of events) if (event.type === 'step_started') hear(event.stepIndex as number);
  })();
  return () => told;
}

/** Through an API process and its socket. */
async function followOverSocket(url: string, id: string, hear: Hear): Promise<() => Promise<void>> {
  const roles = ['platform-admin'];
  const token = signToken(BENCH_SECRET, { tenantId: 'platform-admin', roles, subject: 'bench', hours: 1 });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const complete = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      const query = { id: '1', type: 'subscribe', payload: { query: QUERY, variables: { id } } };
      if (message.type === 'connection_ack') socket.send(JSON.stringify(query));
      else if (message.type === 'complete') resolve();
      else if (message.type !== 'next' || message.payload.errors) throw new Error(`unexpected: ${data}`);
      else if (message.payload.data.sagaProgress.type === 'STEP_STARTED')
        hear(message.payload.data.sagaProgress.stepIndex);
    });
  });
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  return async () => {
    await complete;
    socket.close();
  };
}

interface Notifier {
  roundTrip(): Promise<number>;
  close(): Promise<void>;
}

/** Two bare connections: one notifies, the other one hears it. */
async function startNotifier(url: string): Promise<Notifier> {
  const [listener, sender] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  await Promise.all([listener.connect(), sender.connect()]);
  let heard = () => {};
  listener.on('notification', () => heard());
  await listener.query('listen bench');
  return {
    async roundTrip() {
      const sent = performance.now();
      const hearing = new Promise<void>((resolve) => {
        heard = resolve;
      });
      await sender.query({ name: 'notify', text: 'select pg_notify($1, $2)', values: ['bench', 'saga'] });
      await hearing;
      return performance.now() - sent;
    },
    async close() {
      await Promise.all([listener.end(), sender.end()]);
    },
  };
}

export async function latency(app: App, databaseUrl: string): Promise<void> {
  const other = await startParts(databaseUrl);
  const [api, bare] = await Promise.all([startApi(databaseUrl), startNotifier(databaseUrl)]);
  const ways = {
    follower: (id: string, hear: Hear) => followInServices(other.app, id, hear),
    socket: (id: string, hear: Hear) => followOverSocket(api.url, id, hear),
  };
  try {
    for (const [name, way] of Object.entries(ways)) {
      const ours: number[] = [];
      const floor: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const series = await measure(app, bare, way);
        ours.push(...series.ours);
        floor.push(...series.bare);
      }
      const p99 = [percentile(ours, 0.99), percentile(floor, 0.99)] as const;
      report(`99th percentile from commit to ${name} / bare LISTEN/NOTIFY`, p99[0] / p99[1], { atMost: AT_MOST });
      const medians = `${median(ours).toFixed(2)} beside ${median(floor).toFixed(2)} ms`;
      say(`     ${p99.map((ms) => ms.toFixed(2)).join(' beside ')} ms; median ${medians}`);
    }
  } finally {
    await Promise.all([other.close(), api.stop(), bare.close()]);
  }
}
