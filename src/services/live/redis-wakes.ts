import type { Logger } from 'pino';
import { createRedis } from '../../database/redis.js';
import { OutageLog } from '../../log.js';
import { WakeListeners, type Wakes } from './wakes.js';

const CHANNEL = 'arcadia:wake';

/** Wakes over Redis: one connection subscribes, another one publishes. ioredis reconnects and subscribes again. */
export async function createRedisWakes(url: string, log: Logger, timeoutMs: number): Promise<Wakes> {
  const outage = new OutageLog(log, 'wake connection to Redis');
  const failed = (err: unknown) => outage.failed(err);
  const subscriber = createRedis(url, timeoutMs, failed, { lazyConnect: true });
  // A wake that cannot be sent at once is useless later: the slow poll finds the rows.
  const publisher = createRedis(url, timeoutMs, failed, { lazyConnect: true, enableOfflineQueue: false });
  const listeners = new WakeListeners((message) => publisher.publish(CHANNEL, message), failed);
  subscriber.on('message', (_channel, message) => listeners.hear(message));
  try {
    await Promise.all([subscriber.connect(), publisher.connect()]);
    await subscriber.subscribe(CHANNEL);
  } catch (error) {
    subscriber.disconnect();
    publisher.disconnect();
    throw error;
  }
  subscriber.on('ready', () => {
    outage.succeeded();
    listeners.hearAll();
  });
  // A connection that only listens would not notice that it was lost.
  const ping = setInterval(() => {
    if (subscriber.status === 'ready') subscriber.ping().catch(failed);
  }, timeoutMs / 2).unref();
  return {
    wake: (topic) => listeners.wake(topic),
    onWake: (topic, listener) => listeners.add(topic, listener),
    async close() {
      clearInterval(ping);
      subscriber.disconnect();
      publisher.disconnect();
    },
  };
}
