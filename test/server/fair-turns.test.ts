import { describe, expect, it } from '@jest/globals';
import { FairTurns } from '../../src/server/fair-turns.js';

describe('fair turns', () => {
  it('go to tenants alternately, one in each turn of the event loop', async () => {
    const turns = new FairTurns();
    const taken: string[] = [];
    let inThisTurn = 0;
    const work = async (tenant: string) => {
      await turns.take(tenant);
      taken.push(tenant);
      inThisTurn += 1;
      expect(inThisTurn).toBe(1);
      setImmediate(() => {
        inThisTurn = 0;
      });
    };
    await Promise.all([...Array.from({ length: 5 }, () => work('loud')), work('calm'), work('third')]);
    expect(taken).toEqual(['loud', 'loud', 'calm', 'third', 'loud', 'loud', 'loud']);
  });

  it('are refused to a tenant that waits for a hundred already, and to no other', async () => {
    const turns = new FairTurns();
    const waiting = Array.from({ length: 101 }, () => turns.take('loud'));
    await expect(turns.take('loud')).rejects.toMatchObject({ code: 'TOO_MANY_OPERATIONS', retryAfterSeconds: 1 });
    await turns.take('calm');
    await Promise.all(waiting);
  });
});
