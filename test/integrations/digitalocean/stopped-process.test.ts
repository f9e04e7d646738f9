import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { json, startProviderServer } from './provider-server.js';

const LEASE_MS = 300;
const LEASE_NS = BigInt(LEASE_MS) * 1_000_000n;
const PLACES = ['after the lease is confirmed', 'after the first check', 'while a connection is made'];
/** Where the process stops, and for how many leases. */
const PLAN = [
  ...[0.5, 2].flatMap((leases) => PLACES.map((place) => ({ place, leases }))),
  { place: 'while a connection is made', leases: 10 },
  ...[1, 2, 3, 4].map(() => ({ place: 'nowhere', leases: 0 })),
];

it('a process that is stopped in the middle of a request sends nothing once its lease is lost, and lives on', async () => {
  const provider = await startProviderServer();
  const tooLate: string[] = [];
  let continued = 0n;
  provider.answer(({ body }, response) => {
    if (body !== '') {
      const { confirmed } = JSON.parse(body);
      // Sent after the stop by a lease that had ended before: the time that it took to arrive does not count.
      if (continued - BigInt(confirmed) > LEASE_NS) tooLate.push(body);
    }
    // Every request has to make a connection first.
    response.setHeader('connection', 'close');
    json(response, {});
  });
  const holder = spawn(
    process.execPath,
    [
      ...['--import', './scripts/swc-register.js', 'test/integrations/digitalocean/holder-program.ts'],
      ...[provider.url, String(LEASE_MS), ...PLAN.map(({ place }) => place)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(holder, 'exit');
  const outcomes: string[] = [];
  try {
    for await (const line of createInterface({ input: holder.stdout })) {
      if (line !== 'stopping') {
        outcomes.push(line);
        continue;
      }
      await sleep((PLAN[outcomes.length]?.leases ?? 0) * LEASE_MS);
      continued = process.hrtime.bigint();
      holder.kill('SIGCONT');
    }
  } finally {
    holder.kill('SIGKILL');
    await provider.stop();
  }
  expect(await ended).toEqual([0, null]);
  expect(tooLate).toEqual([]);
  const afterLongStops = outcomes.filter((_, n) => (PLAN[n]?.leases ?? 0) > 1);
  expect(afterLongStops).toEqual(Array(4).fill('lease lost'));
  expect(outcomes.slice(-4)).toContain('sent');
});
