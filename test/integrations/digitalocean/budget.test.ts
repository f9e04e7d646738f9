import { describe, expect, it } from '@jest/globals';
import { Budget } from '../../../src/integrations/digitalocean/budget.js';

const NOW = Date.parse('2026-05-01T00:00:00Z');

function limits(remaining: number, resetInSeconds: number) {
  return new Headers({ 'ratelimit-remaining': `${remaining}`, 'ratelimit-reset': `${NOW / 1_000 + resetInSeconds}` });
}

describe('Budget', () => {
  it('sends without limit until it is told one', () => {
    const budget = new Budget();
    for (let count = 0; count < 1_000; count++) expect(budget.take(NOW)).toEqual({ send: true });
    budget.answered(new Headers(), NOW);
    expect(budget.take(NOW)).toEqual({ send: true });
  });

  it('sends what remains, then waits for the reset', () => {
    const budget = new Budget();
    budget.take(NOW);
    budget.answered(limits(2, 40), NOW);
    expect(budget.take(NOW)).toEqual({ send: true });
    expect(budget.take(NOW)).toEqual({ send: true });
    expect(budget.take(NOW)).toEqual({ send: false, waitMs: 40_000 });
    expect(budget.take(NOW + 39_000)).toEqual({ send: false, waitMs: 1_000 });
  });

  it('after the reset sends one a second until an answer tells more', () => {
    const budget = new Budget();
    budget.take(NOW);
    budget.answered(limits(0, 40), NOW);
    expect(budget.take(NOW + 40_000)).toEqual({ send: true });
    expect(budget.take(NOW + 40_000)).toEqual({ send: false, waitMs: 1_000 });
    budget.answered(limits(5, 60), NOW + 40_500);
    expect(budget.take(NOW + 40_500)).toEqual({ send: true });
  });

  it('counts requests on their way against what an earlier answer left', () => {
    const budget = new Budget();
    for (let count = 0; count < 4; count++) budget.take(NOW);
    budget.answered(limits(4, 10), NOW);
    expect(budget.take(NOW)).toEqual({ send: true });
    expect(budget.take(NOW)).toEqual({ send: false, waitMs: 10_000 });
    for (let count = 0; count < 3; count++) budget.answered(null, NOW);
    budget.answered(limits(4, 10), NOW);
    expect(budget.take(NOW)).toEqual({ send: true });
  });

  it('pauses when told to, never longer than the hour of the window', () => {
    const budget = new Budget();
    budget.pause(5_000, NOW);
    budget.pause(1_000, NOW);
    expect(budget.take(NOW)).toEqual({ send: false, waitMs: 5_000 });
    budget.pause(10 ** 12, NOW);
    expect(budget.take(NOW)).toEqual({ send: false, waitMs: 3_600_000 });
  });

  it('tries again after a minute where the reset is further off: the burst may have emptied it', () => {
    const budget = new Budget();
    budget.take(NOW);
    budget.answered(limits(0, 3_500), NOW);
    expect(budget.take(NOW)).toEqual({ send: false, waitMs: 60_000 });
    expect(budget.take(NOW + 60_000)).toEqual({ send: true });
    expect(budget.take(NOW + 60_000)).toEqual({ send: false, waitMs: 1_000 });
  });

  it('after a pause sends one a second, though the refusal told of a later reset', () => {
    const budget = new Budget();
    budget.take(NOW);
    budget.answered(limits(0, 3_500), NOW);
    budget.pause(5_000, NOW);
    expect(budget.take(NOW)).toEqual({ send: false, waitMs: 5_000 });
    expect(budget.take(NOW + 5_000)).toEqual({ send: true });
    expect(budget.take(NOW + 5_000)).toEqual({ send: false, waitMs: 1_000 });
    budget.answered(limits(100, 3_500), NOW + 5_100);
    expect(budget.take(NOW + 5_100)).toEqual({ send: true });
  });
});
