import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CauseEvidence, findCostAnomaly, type MonthlyCost } from '../../src/core/reports/cost-anomaly.js';
import { month } from './billing-builders.js';

const nothingKnown: CauseEvidence = { isNew: false, isGone: false, isResized: false, hourlyCents: null };
const costs = (period: string, providerCents: number, rate = 1.5): MonthlyCost => {
  return { period: month(period), providerCents, reportingCents: Math.round(providerCents * rate) };
};
const steady = ['2025-11', '2025-12', '2026-01', '2026-02', '2026-03'].map((period) => costs(period, 600));

function anomaly(current: MonthlyCost, evidence: Partial<CauseEvidence> = {}, history = steady) {
  return findCostAnomaly({ current, history }, { ...nothingKnown, ...evidence });
}

describe('a cost anomaly', () => {
  it('is none in line with its own history, nor for a few cents', () => {
    expect(anomaly(costs('2026-04', 620))).toBeNull();
    expect(anomaly(costs('2026-04', 25), {}, [costs('2026-03', 10)])).toBeNull();
  });

  it('is not hidden by one odd month in the past', () => {
    const history = [...steady, costs('2025-10', 9000)];
    expect(anomaly(costs('2026-04', 1200), {}, history)?.usualCents).toBe(900);
  });

  it('says what moved, by how much, and which way', () => {
    expect(anomaly(costs('2026-04', 1200), { isResized: true })).toEqual({
      direction: 'up',
      currentCents: 1800,
      usualCents: 900,
      changeCents: 900,
      score: 33.3,
      cause: 'resized',
    });
  });

  it.each([
    ['new', costs('2026-04', 900), { isNew: true }, []],
    ['new', costs('2026-04', 900), {}, []],
    ['gone', costs('2026-04', 0), { isGone: true }, steady],
    ['resized', costs('2026-04', 1200), { isResized: true, hourlyCents: { now: '2', usual: '1' } }, steady],
    ['price', costs('2026-04', 1200), { hourlyCents: { now: '1.8', usual: '0.9' } }, steady],
    ['fx', costs('2026-04', 600, 1.9), { hourlyCents: { now: '0.9', usual: '0.9' } }, steady],
    ['unknown', costs('2026-04', 300), { hourlyCents: { now: '0.9', usual: '0.9' } }, steady],
  ])('has the cause %s', (cause, current, evidence, history) => {
    expect(anomaly(current, evidence, history)?.cause).toBe(cause);
  });

  it('does not depend on the order of its history', () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 1_000_000 }), (past, now) => {
        const history = past.map((cents) => costs('2026-01', cents));
        const current = costs('2026-04', now);
        expect(anomaly(current, {}, history.toReversed())).toEqual(anomaly(current, {}, history));
      }),
    );
  });
});
