import { describe, expect, it } from '@jest/globals';
import { hasRedis } from '../support/redis.js';
import { storm } from './storm/storm.js';

const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

/** A twentieth of what `npm run chaos -- <seed> storm` does: the faults that once lost events, work or a process. */
const FAULTS = [
  'postgres crashes, ids used again',
  'a postgres backend is killed',
  'postgres connections terminated in bursts',
  'provider reset',
  'worker stopped',
  'clock skewed',
  'disk full',
];
const REDIS_FAULTS = ['redis flushed', 'redis restarts empty', 'redis reset', 'postgres crashes, ids used again'];

describe(`a storm of faults (CHAOS_SEED=${SEED})`, () => {
  it.each([
    ['Postgres', false],
    ['Redis', true],
  ])(
    'leaves nothing lost, doubled or stuck, with queue and wakes on %s',
    async (_, onRedis) => {
      if (onRedis && !hasRedis) return void process.stdout.write('redis-server is not installed: not tested\n');
      const only = onRedis ? REDIS_FAULTS : FAULTS;
      const { violations, skipped } = await storm({ onRedis, faults: only.length, seed: SEED, only });
      for (const reason of skipped) process.stdout.write(`${reason}\n`);
      expect(violations).toEqual([]);
    },
    300_000,
  );
});
