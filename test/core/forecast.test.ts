import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceDeployment } from '../../src/core/invoices/invoice.js';
import { type DeploymentForecastInputs, forecastCost, forecastDeployment } from '../../src/core/reports/forecast.js';
import { forecastAccuracy } from '../../src/core/reports/forecast-error.js';
import { dailyRunRate } from '../../src/core/reports/run-rate.js';
import { addDays, type Day, daysOf } from '../../src/core/time/period.js';
import { aPlan, day, month } from './billing-builders.js';

const inAud = { currency: 'AUD', rates: [] } as const;
const april = { period: month('2026-04'), resourcePrices: [] };

/** Five droplets through the days given. */
function fiveDroplets(from: Day, until: Day): DeploymentForecastInputs {
  return {
    deploymentId: 'd1',
    subscriptions: [{ segments: [{ plan: aPlan('studio'), from: day('2026-01-01'), until: null }], addons: [] }],
    usage: daysOf({ from, until }).map((on) => ({ kind: 'droplet_hours', day: on, quantity: '120' })),
    dailyLlmCharges: [],
    lateLlmCharges: [],
  };
}

describe('the month-end forecast', () => {
  it('prices the projected usage by the engine, so that an allowance not yet used up counts', () => {
    const inputs = fiveDroplets(day('2026-04-01'), day('2026-04-11'));
    // 1,200 hours so far are within 1,488; 3,600 at the end of the month are not.
    expect(forecastDeployment(april, inputs, day('2026-04-11'), inAud)).toEqual({
      fixedCents: 5000,
      meteredAccruedCents: 0,
      meteredCents: 2112,
      totalCents: 7112,
    });
  });

  it('knows on the first day what the last days of the month before were like', () => {
    const inputs = fiveDroplets(day('2026-03-20'), day('2026-04-01'));
    expect(forecastDeployment(april, inputs, day('2026-04-01'), inAud)).toMatchObject({
      meteredAccruedCents: 0,
      meteredCents: 2112,
    });
  });

  it('follows a change within a week', () => {
    const days = daysOf({ from: day('2026-04-01'), until: day('2026-04-15') });
    const usage = days.map((on) => ({ day: on, quantity: on < '2026-04-08' ? '100' : '10' }));
    expect(dailyRunRate(usage, day('2026-04-15')).toFixed()).toBe('10');
    expect(dailyRunRate(usage, day('2026-04-10')).toFixed()).toBe('74.285714285714');
    expect(dailyRunRate([], day('2026-04-10')).toFixed()).toBe('0');
  });

  it('carries LLM charges on, and late ones once', () => {
    const inputs: DeploymentForecastInputs = {
      ...fiveDroplets(day('2026-04-01'), day('2026-04-01')),
      dailyLlmCharges: daysOf({ from: day('2026-04-01'), until: day('2026-04-06') }).map((on) => {
        return { day: on, quantity: '0.1', requestCount: 10, currency: 'AUD' };
      }),
      lateLlmCharges: [{ period: month('2026-03'), requestCount: 1, charge: '2', currency: 'AUD' }],
    };
    expect(forecastDeployment(april, inputs, day('2026-04-06'), inAud)).toMatchObject({
      meteredAccruedCents: 250,
      meteredCents: 500,
    });
  });

  it('after the month is its invoice, whatever came later', () => {
    const inputs = fiveDroplets(day('2026-03-20'), day('2026-05-20'));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), (late) => {
        const forecast = forecastDeployment(april, inputs, addDays(day('2026-05-01'), late), inAud);
        const usage = inputs.usage.filter((one) => one.day.startsWith('2026-04'));
        const { lines } = priceDeployment(april, { ...inputs, usage, llmCharges: [] });
        expect(forecast.totalCents).toBe(lines.reduce((sum, line) => sum + line.amount.cents, 0));
        expect(forecast.meteredCents).toBe(forecast.meteredAccruedCents);
      }),
    );
  });

  it('of the provider’s bill adds fixed fees to what goes on daily', () => {
    const dailyCents = daysOf({ from: day('2026-04-01'), until: day('2026-04-04') }).map((on) => ({
      day: on,
      quantity: '33.35',
    }));
    expect(forecastCost({ fixedCents: 500, dailyCents }, april.period, day('2026-04-04'))).toEqual({
      fixedCents: 500,
      meteredAccruedCents: 100,
      meteredCents: 1001,
      totalCents: 1501,
    });
  });

  it('says how far the same method was off in past months', () => {
    const past = (text: string, forecastCents: number, actualCents: number) => {
      return { period: month(text), forecastCents, actualCents };
    };
    const accuracy = forecastAccuracy([past('2026-03', 900, 1000), past('2026-02', 1050, 1000), past('2026-01', 5, 0)]);
    expect(accuracy.months.map((one) => [one.period, one.errorCents, one.errorPercent])).toEqual([
      ['2026-01-01', 5, null],
      ['2026-02-01', 50, 5],
      ['2026-03-01', -100, -10],
    ]);
    expect([accuracy.meanAbsolutePercent, accuracy.biasPercent]).toEqual([7.5, -2.5]);
    expect(forecastAccuracy([])).toEqual({ months: [], meanAbsolutePercent: null, biasPercent: null });
  });
});
