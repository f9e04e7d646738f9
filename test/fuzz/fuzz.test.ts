import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fuzz } from './fuzz.js';
import { type FuzzWorld, startFuzzWorld } from './fuzz-world.js';

/** As many as take some twenty seconds; `npm run fuzz` has the long form. */
const REQUESTS = 2_500;
const SEED = 20_260_520;

let world: FuzzWorld;
beforeAll(async () => {
  world = await startFuzzWorld();
});
afterAll(() => world.app.close());

it('no bad input is an internal error, shows the inside or ends the process', async () => {
  const report = await fuzz(world, { requests: REQUESTS, seed: SEED });
  expect(report.findings).toEqual([]);
  expect(report.findingCount).toBe(0);
  expect(report.requests).toBe(REQUESTS);
  expect(report.targets).toBeGreaterThan(200);
  // It reaches resolvers: some of what is sent is taken, and every kind of refusal is met.
  expect(Object.keys(report.codes)).toEqual(
    expect.arrayContaining(['none', 'BAD_USER_INPUT', 'FORBIDDEN', 'NOT_FOUND']),
  );
}, 180_000);
