// 1,000 sockets on one syncEvents stream: from commit to each client, beside a bare ws server that broadcasts the same payloads.
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { WebSocket } from 'ws';
import { signToken } from '../src/commands/token.js';
import { BENCH_SECRET, startApi, startProcess } from './processes.js';
import { median, percentile, report, say, startBenchDatabase } from './support.js';

const SOCKETS = 1_000;
const EVENTS = 40;
const ROUNDS = 3;
const QUERY = 'subscription { syncEvents { cursor type at message run { id scope status } resource { id } } }';

/** Tells how long after `sent` each socket had the message, and what the first socket got. */
interface Delivery {
  readonly latencies: number[];
  readonly payload: string;
}

class Audience {
  private waiting: {
    left: number;
    sent: number;
    latencies: number[];
    payload: string;
    resolve: (delivery: Delivery) => void;
  } | null = null;
  readonly sockets: WebSocket[] = [];

  hear(text: string): void {
    const { waiting } = this;
    if (!waiting) throw new Error(`a message that nobody waits for: ${text}`);
    waiting.latencies.push(performance.now() - waiting.sent);
    waiting.payload ||= text;
    waiting.left -= 1;
    if (waiting.left === 0) {
      this.waiting = null;
      waiting.resolve({ latencies: waiting.latencies, payload: waiting.payload });
    }
  }

  /** Resolves once every socket has had one message more. */
  expect(): { delivery: Promise<Delivery>; sentNow: () => void } {
    let resolve: (delivery: Delivery) => void = () => {};
    const delivery = new Promise<Delivery>((done) => {
      resolve = done;
    });
    const waiting = { left: this.sockets.length, sent: performance.now(), latencies: [], payload: '', resolve };
    this.waiting = waiting;
    return {
      delivery,
      sentNow: () => {
        waiting.sent = performance.now();
      },
    };
  }

  close(): void {
    for (const socket of this.sockets) socket.terminate();
  }
}

async function openSocket(
  url: string,
  protocol: string | undefined,
  onMessage: (text: string, socket: WebSocket) => void,
): Promise<WebSocket> {
  const socket = new WebSocket(url, protocol);
  socket.on('message', (data) => onMessage(String(data), socket));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

async function listenToApi(url: string, audience: Audience): Promise<void> {
  const authorization = `Bearer ${signToken(BENCH_SECRET, { tenantId: 'platform-admin', roles: ['platform-admin'], subject: 'bench', hours: 1 })}`;
  for (let n = 0; n < SOCKETS; n++) {
    let acknowledged = () => {};
    const ready = new Promise<void>((resolve) => {
      acknowledged = resolve;
    });
    const socket = await openSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', (text) => {
      if (text.startsWith('{"type":"connection_ack"')) acknowledged();
      else if (text.includes('"type":"next"')) audience.hear(text);
      else if (text.includes('"type":"ping"')) socket.send('{"type":"pong"}');
      else throw new Error(`unexpected: ${text}`);
    });
    audience.sockets.push(socket);
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    await ready;
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY } }));
  }
  // Answered in order on each socket: once the last one's query is through, its subscription stands.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  const [api, bare] = await Promise.all([startApi(database.url), startProcess(['bench/bare-broadcast.ts'], {})]);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const ours = new Audience();
  const theirs = new Audience();
  try {
    const { rows } =
      await client.query(`insert into sync_runs (scope, status, trigger, requested_by, queued_at, started_at)
      values ('droplets', 'running', 'operator', 'bench', now(), now()) returning id`);
    await listenToApi(api.url, ours);
    for (let n = 0; n < SOCKETS; n++) {
      theirs.sockets.push(await openSocket(bare.url.replace('http', 'ws'), undefined, (text) => theirs.hear(text)));
    }
    const ratios: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const [mine, floor]: [number[], number[]] = [[], []];
      for (let n = 0; n < EVENTS; n++) {
        const heard = ours.expect();
        await client.query(
          `insert into sync_events (run_id, type, at, message) values ($1, 'page_fetched', now(), $2)`,
          [rows[0].id, `page ${n}`],
        );
        heard.sentNow();
        await client.query(`select pg_notify('arcadia_wake', 'sync')`);
        const { latencies, payload } = await heard.delivery;
        mine.push(...latencies);
        const bareHeard = theirs.expect();
        bareHeard.sentNow();
        await fetch(bare.url, { method: 'POST', body: payload });
        floor.push(...(await bareHeard.delivery).latencies);
      }
      if (mine.length !== SOCKETS * EVENTS) throw new Error(`${mine.length} of ${SOCKETS * EVENTS} messages arrived`);
      if (round > 0) ratios.push(percentile(mine, 0.99) / percentile(floor, 0.99));
    }
    say(`     ${SOCKETS} sockets, ${EVENTS} events a round: every event reached every socket`);
    report('99th percentile from commit to client / bare ws broadcast', median(ratios), { atMost: 3 });
  } finally {
    ours.close();
    theirs.close();
    await client.end();
    await Promise.all([api.stop(), bare.stop()]);
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
