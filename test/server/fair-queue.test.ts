import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FairQueue, type Leave } from '../../src/server/fair-queue.js';

const LIMITS = { runningPerTenant: 3, costPerTenant: 10, cost: 20, waitingPerTenant: 50 };

/** Enters in order and notes who runs, in the order in which they start. */
function createOffice(queue: FairQueue) {
  const started: string[] = [];
  const leaves: Leave[] = [];
  return {
    started,
    enter(tenant: string, cost = 1): Promise<void> {
      return queue
        .enter(tenant, cost, () => undefined)
        .then((leave) => {
          started.push(tenant);
          leaves.push(leave as Leave);
        });
    },
    /** Ends the one that has run the longest. */
    async endOne(): Promise<void> {
      leaves.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
    async settle(): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('the queue of operations', () => {
  it('takes tenants in turn, whatever each has waiting', async () => {
    const queue = new FairQueue({ ...LIMITS, runningPerTenant: 1, cost: 2 });
    const office = createOffice(queue);
    for (let n = 0; n < 20; n++) void office.enter('loud', 2);
    void office.enter('calm', 2);
    void office.enter('third', 2);
    await office.settle();
    expect(office.started).toEqual(['loud']);
    for (let n = 0; n < 4; n++) await office.endOne();
    expect(office.started).toEqual(['loud', 'loud', 'calm', 'third', 'loud']);
  });

  it('runs as many of a tenant as may run and as their cost allows, and one of any cost', async () => {
    const queue = new FairQueue(LIMITS);
    const office = createOffice(queue);
    for (let n = 0; n < 5; n++) void office.enter('cheap', 1);
    for (let n = 0; n < 3; n++) void office.enter('dear', 6);
    void office.enter('dearest', 10_000);
    await office.settle();
    expect(office.started).toEqual(['cheap', 'cheap', 'cheap', 'dear']);
    while (queue.running > 0) await office.endOne();
    expect(office.started).toHaveLength(9);
  });

  it('rejects what would be one too many to wait, and lets one give up', async () => {
    const queue = new FairQueue({ ...LIMITS, runningPerTenant: 1, waitingPerTenant: 2 });
    const leave = await queue.enter('a', 1, () => undefined);
    let giveUp = () => {};
    const first = queue.enter('a', 1, (give) => {
      giveUp = give;
    });
    const second = queue.enter('a', 1, () => undefined);
    await expect(queue.enter('a', 1, () => undefined)).rejects.toMatchObject({ code: 'TOO_MANY_OPERATIONS' });
    expect(await queue.enter('b', 1, () => undefined)).not.toBeNull();
    giveUp();
    expect(await first).toBeNull();
    leave?.();
    expect(await second).not.toBeNull();
  });

  it('runs everything in the end and never more than it may, in any order', async () => {
    const operation = fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), cost: fc.integer({ min: 0, max: 30 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const queue = new FairQueue(LIMITS);
        let done = 0;
        await Promise.all(
          operations.map(async ({ tenant, cost }) => {
            const leave = await queue.enter(tenant, cost, () => undefined);
            expect(queue.running).toBeLessThanOrEqual(9);
            await new Promise((resolve) => setImmediate(resolve));
            done += 1;
            leave?.();
          }),
        );
        expect([done, queue.running, queue.waiting]).toEqual([operations.length, 0, 0]);
      }),
      { numRuns: 100 },
    );
  });
});
