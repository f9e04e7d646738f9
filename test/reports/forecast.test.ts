import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { daysOf, parseDay } from '../../src/core/time/period.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import type { CogsTax } from '../support/graphql.generated.js';
import { type DataOf, gql } from '../support/typed-document.js';
import { type MarginApp, startMarginApp } from './margin-app.js';

const FORECAST =
  gql(`query($cogsTax: CogsTax) { marginForecast(cogsTax: $cogsTax) { period asOf currency cogsBasis fxRates { rate }
  revenue { fixed { cents } meteredAccrued { cents } metered { cents } total { cents currency } } cogs { fixed { cents } meteredAccrued { cents } metered { cents } total { cents currency } } margin { fixed { cents } meteredAccrued { cents } metered { cents } total { cents currency } } byDeployment { deployment { slug } revenue { fixed { cents } meteredAccrued { cents } metered { cents } total { cents currency } } }
  accuracy { revenue { meanAbsolutePercent biasPercent months { period forecast { cents } actual { cents } error { cents } errorPercent } } cogs { meanAbsolutePercent biasPercent months { period forecast { cents } actual { cents } error { cents } errorPercent } } margin { meanAbsolutePercent biasPercent months { period forecast { cents } actual { cents } error { cents } errorPercent } } } } }`);

let app: MarginApp;
const BILL = [
  { kind: 'droplet', cents: 9000 },
  { cents: 1000, status: 'account_level' },
  { cents: -300, status: 'account_level', description: 'Credits' },
  { cents: 1000, status: 'tax' },
];
const forecast = async (cogsTax?: CogsTax) => (await app.data(FORECAST, { cogsTax })).marginForecast;
type Forecast = DataOf<typeof FORECAST>['marginForecast'];
type Amount = Forecast['revenue'];
const amount = ({ fixed, meteredAccrued, metered, total }: Amount) => [
  fixed.cents,
  meteredAccrued.cents,
  metered.cents,
  total.cents,
];
const errors = ({ months }: Forecast['accuracy']['revenue']) =>
  months.map((one) => [one.period, one.forecast.cents, one.actual.cents, one.error.cents, one.errorPercent]);
const meter = async (from: string, until: string) => {
  for (const day of daysOf({ from: parseDay(from), until: parseDay(until) })) await meterUsage(app.app, day);
};

beforeAll(async () => {
  app = await startMarginApp('2026-05-11T09:00:00Z');
  await app.setRate('2026-01-01', '1.5');
  const id = await app.createDeployment('studio', 'acme');
  await app.subscribe(id, 'studio', { startsOn: '2026-04-01' });
  for (const name of ['a', 'b', 'c', 'd', 'e']) await app.addResource(id, { kind: 'droplet', name });
  await meter('2026-04-01', '2026-05-11');
  await app.rollUp('2026-04-01');
});
afterAll(() => app.close());

describe('the forecast', () => {
  it('knows nothing of cost before a bill or a running total, and says so', async () => {
    const report = await forecast();
    expect(report).toMatchObject({
      period: '2026-05-01',
      asOf: '2026-05-11',
      currency: 'AUD',
      cogsBasis: 'NONE',
      fxRates: [],
    });
    // 1,200 hours so far are within 1,488; 3,720 at the end of the month are not.
    expect(amount(report.revenue)).toEqual([5000, 0, 2232, 7232]);
    expect(amount(report.cogs)).toEqual([0, 0, 0, 0]);
    expect(amount(report.margin)).toEqual(amount(report.revenue));
    expect(report.accuracy.cogs).toEqual({ meanAbsolutePercent: null, biasPercent: null, months: [] });
  });

  it('of cost goes on as the last bill did, tax and fees apart, until the provider tells a running total', async () => {
    await app.addCloudInvoice('2026-03-01', BILL);
    await app.addCloudInvoice('2026-04-01', BILL);
    const report = await forecast();
    expect(report).toMatchObject({ cogsBasis: 'LAST_INVOICE', fxRates: [{ rate: '1.5' }] });
    // A day of April was 300 c and tax a tenth of the bill; 31 × 300 × 1.1 × 1.5.
    expect(amount(report.cogs)).toEqual([1650, 4950, 15_345, 16_995]);
    expect(amount((await forecast('EXCLUDED')).cogs)).toEqual([1500, 4500, 13_950, 15_450]);
    expect(amount(report.margin)).toEqual([3350, -4950, -13_113, -9763]);
  });

  it('says how far the same method was off, with what was known then', async () => {
    const { accuracy } = await forecast();
    expect(errors(accuracy.revenue)).toEqual([['2026-04-01', 7112, 7112, 0, '0']]);
    // March's bill was known on 11 April, no bill on 11 March. 30 ÷ 31 of its metered part; credits do not come again.
    expect(errors(accuracy.cogs)).toEqual([['2026-04-01', 16_021, 16_050, -29, '-0.2']]);
    expect(errors(accuracy.margin)).toEqual([['2026-04-01', -8909, -8938, 29, '0.3']]);
    expect(accuracy.cogs).toMatchObject({ meanAbsolutePercent: '0.2', biasPercent: '-0.2' });
  });

  it('follows the running total once there is one, whose sum no split of the fees can change', async () => {
    for (let day = 1; day <= 10; day++) {
      // Only every third day, and twice on it: the last word of a day counts.
      if (day % 3 !== 1) continue;
      for (const [hour, cents] of [
        ['01', 1],
        ['23', day * 340],
      ] as const) {
        await app.sql(
          `insert into cloud_balance_snapshots (taken_at, month_to_date_usage_cents, month_to_date_balance_cents, account_balance_cents, currency)
           values ($1, $2, 0, 0, 'USD')`,
          [`2026-05-${String(day).padStart(2, '0')}T${hour}:07:00Z`, cents],
        );
      }
    }
    const report = await forecast();
    expect(report.cogsBasis).toBe('BALANCE');
    // 31 × 340 × 1.1 × 1.5 in all.
    expect(amount(report.cogs)).toEqual([1650, 5078, 15_741, 17_391]);
  });

  it('is the sum of its deployments', async () => {
    const other = await app.createDeployment('other', 'beta');
    await app.subscribe(other, 'starter', { startsOn: '2026-05-21' });
    const report = await forecast();
    expect(report.byDeployment.map((one) => [one.deployment.slug, ...amount(one.revenue)]).sort()).toEqual([
      ['other', 710, 0, 0, 710],
      ['studio', 5000, 0, 2232, 7232],
    ]);
    expect(amount(report.revenue)).toEqual([5710, 0, 2232, 7942]);
  });

  it('needs a rate by name, and is for operators', async () => {
    expect(await app.codeOf(FORECAST, {}, app.tenant('acme'))).toBe('FORBIDDEN');
    await app.sql('delete from fx_rates');
    const { body } = await app.graphql(FORECAST);
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      base: 'USD',
      quote: 'AUD',
      day: '2026-05-31',
    });
  });
});
