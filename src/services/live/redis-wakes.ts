import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { WakeListeners, type Wakes } from './wakes.js';

const CHANNEL = 'arcadia:wake';

/** Wakes over Redis: one connection subscribed, one that publishes; ioredis reconnects and subscribes again. */
export async function createRedisWakes(url: string, log: Logger): Promise<Wakes> {
  const subscriber = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null });
  const publisher = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
  const listeners = new WakeListeners(
    (message) => publisher.publish(CHANNEL, message),
    (err) => log.warn({ err }, 'wake not sent; other processes see the rows at their next poll'),
  );
  subscriber.on('error', (err) => log.warn({ err }, 'redis subscription lost'));
  publisher.on('error', (err) => log.warn({ err }, 'redis connection lost'));
  subscriber.on('message', (_channel, message) => listeners.hear(message));
  await Promise.all([subscriber.connect(), publisher.connect()]);
  await subscriber.subscribe(CHANNEL);
  subscriber.on('ready', () => listeners.hearAll());
  return {
    wake: (topic) => listeners.wake(topic),
    onWake: (topic, listener) => listeners.add(topic, listener),
    async close() {
      subscriber.disconnect();
      publisher.disconnect();
    },
  };
}
