import type { Logger } from 'pino';
import { createPool } from '../../database/pool.js';
import { type ConnectionLimits, type WatchedClient, watchedClient } from '../../database/watched-client.js';
import { WakeListeners, type Wakes } from './wakes.js';

const CHANNEL = 'arcadia_wake';
const RECONNECT_MS = 500;

/** Wakes over LISTEN and NOTIFY: one connection listens, and reconnects if it is lost; another one notifies. */
export async function createPostgresWakes(url: string, log: Logger, limits?: ConnectionLimits): Promise<Wakes> {
  const Client = watchedClient(limits);
  const sender = createPool(
    { connectionString: url, max: 1, application_name: 'arcadia-cloud wakes' },
    (err) => log.warn({ err }, 'wake connection lost'),
    limits,
  );
  const listeners = new WakeListeners(
    (message) => sender.query({ name: 'wake', text: 'select pg_notify($1, $2)', values: [CHANNEL, message] }),
    (err) => log.warn({ err }, 'wake not sent; other processes see the rows at their next poll'),
  );
  let closed = false;
  let client: WatchedClient | null = null;
  let reconnect: NodeJS.Timeout | null = null;

  async function listen(): Promise<void> {
    const connecting = new Client({ connectionString: url, application_name: 'arcadia-cloud listen' });
    connecting.pingWhenIdle();
    connecting.on('notification', (message) => listeners.hear(message.payload ?? ''));
    connecting.on('error', (err) => log.warn({ err }, 'listen connection lost'));
    connecting.on('end', () => {
      if (client !== connecting || closed) return;
      client = null;
      reconnect = setTimeout(() => void retry(), RECONNECT_MS);
    });
    await connecting.connect();
    await connecting.query(`listen ${CHANNEL}`);
    if (closed) {
      await connecting.end();
      return;
    }
    client = connecting;
    listeners.hearAll();
  }

  async function retry(): Promise<void> {
    try {
      await listen();
    } catch (err) {
      log.warn({ err }, 'listening failed; trying again');
      if (!closed) reconnect = setTimeout(() => void retry(), RECONNECT_MS);
    }
  }

  await listen();
  return {
    wake: (topic) => listeners.wake(topic),
    onWake: (topic, listener) => listeners.add(topic, listener),
    async close() {
      closed = true;
      if (reconnect) clearTimeout(reconnect);
      await client?.end();
      await sender.end();
    },
  };
}
