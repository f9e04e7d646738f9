import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { SetFxRateInput } from '../support/graphql.generated.js';
import { gql } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
});
afterAll(() => app.close());

const SET = gql(
  'mutation($input: SetFxRateInput!) { setFxRate(input: $input) { fxRate { base quote effectiveFrom rate } } }',
);
const usdToAud = (effectiveFrom: string, rate: string): SetFxRateInput => ({
  base: 'USD',
  quote: 'AUD',
  effectiveFrom,
  rate,
});
const rates = async () => (await app.data(gql('{ fxRates { base quote effectiveFrom rate } }'))).fxRates;

describe('rates', () => {
  it('are set from a day on, replaced on the same day, and listed the newest of each pair first', async () => {
    const { setFxRate } = await app.data(SET, { input: usdToAud('2026-03-01', '1.5230') });
    expect(setFxRate.fxRate).toEqual(usdToAud('2026-03-01', '1.523'));
    await app.data(SET, { input: usdToAud('2026-04-01', '1.6') });
    await app.data(SET, { input: usdToAud('2026-03-01', '1.5') });
    await app.data(SET, { input: { base: 'AUD', quote: 'USD', effectiveFrom: '2026-03-01', rate: '0.66' } });
    expect(await rates()).toEqual([
      { base: 'AUD', quote: 'USD', effectiveFrom: '2026-03-01', rate: '0.66' },
      usdToAud('2026-04-01', '1.6'),
      usdToAud('2026-03-01', '1.5'),
    ]);
  });

  it.each([
    ['zero', { rate: '0.00' }, 'input.rate'],
    ['negative', { rate: '-1.5' }, 'input.rate'],
    ['longer than it can be exact', { rate: '1.1234567890123' }, 'input.rate'],
    ['of a currency to itself', { quote: 'USD' }, 'input.quote'],
    ['before all calendars', { effectiveFrom: '0999-01-01' }, 'input.effectiveFrom'],
  ])('that are %s are refused by field, and change nothing', async (_, wrong, path) => {
    const before = await rates();
    const { body } = await app.raw(SET, { input: { ...usdToAud('2026-05-01', '1.5'), ...wrong } });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
    expect(await rates()).toEqual(before);
  });

  it('are for operators, and every change leaves its audit', async () => {
    const before = await rates();
    const input = usdToAud('2026-05-01', '2');
    expect(await app.codeOf(SET, { input }, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await app.codeOf(gql('{ fxRates { rate } }'), {}, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await rates()).toEqual(before);
    const audit = await app.sql(
      `select subject, inputs -> 'input' ->> 'rate' as rate, outcome from audit_entries where mutation = 'setFxRate' order by id desc limit 2`,
    );
    expect(audit[0]).toEqual({ subject: 'somebody@acme', rate: '2', outcome: 'FORBIDDEN' });
    expect(audit[1]).toMatchObject({ outcome: 'BAD_USER_INPUT' });
  });

  it('that nobody may write are refused by the table too', async () => {
    for (const values of [
      `'USD', 'USD', '2026-01-01', 1`,
      `'USD', 'AUD', '2026-01-01', 0`,
      `'EUR', 'AUD', '2026-01-01', 1`,
    ]) {
      await expect(app.sql(`insert into fx_rates values (${values})`)).rejects.toThrow('violates check constraint');
    }
  });
});
