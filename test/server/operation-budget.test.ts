import { describe, expect, it } from '@jest/globals';
import { OperationTimeoutError } from '../../src/errors.js';
import { OperationBudget } from '../../src/resolvers/operation-budget.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Statements that end when told to, in the order in which they were sent. */
function createDatabase() {
  const open: { end(): void; fail(): void }[] = [];
  return {
    open,
    send: () => new Promise<void>((end, reject) => open.push({ end, fail: () => reject(new Error('cancelled')) })),
  };
}

describe('the budget of an operation', () => {
  it('has four statements under way at once, and sends the next when one ends, however it does', async () => {
    const budget = new OperationBudget();
    const { open, send } = createDatabase();
    const all = Array.from({ length: 20 }, () => budget.run(send));
    const ended = Promise.allSettled(all);
    expect(open).toHaveLength(4);
    for (let n = 0; n < 20; n++) {
      if (n % 3 === 0) open[n]?.fail();
      else open[n]?.end();
      await settled();
      expect(open).toHaveLength(Math.min(20, n + 5));
    }
    const failed = (await ended).map(({ status }) => status === 'rejected');
    expect(failed).toEqual(Array.from({ length: 20 }, (_, n) => n % 3 === 0));
  });

  it('sends nothing more once it is aborted, and says why', async () => {
    const budget = new OperationBudget();
    const { open, send } = createDatabase();
    const all = Array.from({ length: 6 }, () => budget.run(send));
    const reason = new OperationTimeoutError('query', 1_000);
    budget.abort(reason);
    for (const { end } of open) end();
    expect(await Promise.allSettled([...all, budget.run(send)])).toEqual([
      ...Array.from({ length: 4 }, () => ({ status: 'fulfilled', value: undefined })),
      ...Array.from({ length: 3 }, () => ({ status: 'rejected', reason })),
    ]);
    expect(open).toHaveLength(4);
  });

  it('reports that it was aborted to those who listen later, too', () => {
    const budget = new OperationBudget();
    const reason = new OperationTimeoutError('query', 1_000);
    const heard: unknown[] = [];
    budget.onAbort((given) => heard.push(given));
    budget.abort(reason);
    budget.abort(new OperationTimeoutError('mutation', 1));
    budget.onAbort((given) => heard.push(given));
    expect(heard).toEqual([reason, reason]);
  });
});
