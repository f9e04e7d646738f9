import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Decimal } from '../../src/core/money/money.js';
import { daysOf, parsePeriod, rangeOf } from '../../src/core/time/period.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
let lines: any[];
const EXPLAIN = gql(`query($id: ID!) { invoiceLine(id: $id) {
  id invoice { id tenantId } line { kind amount { cents } meta }
  explanation {
    formula calculation planVersion { version plan { code } } planItem { kind includedQuantity overagePriceCents }
    resourcePrice { unitPriceCents } addon { code quantity price { cents } }
    allowance { source addonCode quantity wholeQuantity prorationFraction } quantityParts { label quantity exact } billableQuantity
    exactBillableQuantity
    amountParts { label cents { numerator denominator } } residue { numerator denominator }
    usage { from to used recorded residue isComplete records(first: 200) { totalCount nodes { quantity resource { name } } } }
    llmCharges { totalCount nodes { gatewayRequestId charge currency } }
    taxedLines { line { amount { cents } } }
  } } }`);

beforeAll(async () => {
  app = await startBillingApp('2026-06-01T02:00:00Z');
  const id = await app.createDeployment('explained', 'acme');
  await app.subscribe(id, 'studio', { addons: ['storage_50gb'], startsOn: '2026-05-20' });
  await app.addResource(id, { kind: 'spaces_bucket', name: 'media', attrs: { size_gigabytes: 200 } });
  await app.addResource(id, { kind: 'volume', name: 'data', attrs: { size_gigabytes: 10 } });
  for (const [from, price] of [
    ['2026-01-01', '10'],
    ['2026-05-25', '15'],
  ] as const) {
    await app.data(
      gql('mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id } } }'),
      { input: { kind: 'VOLUME_GB_MONTH', unit: 'gb_month', unitPriceCents: price, effectiveFrom: from } },
    );
  }
  for (const day of daysOf(rangeOf(parsePeriod('2026-05-01')))) await meterUsage(app.app, day);
  const event = { deploymentId: id, model: 'm', inputTokens: 1, outputTokens: 2 };
  await app.data(
    gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }'),
    {
      events: [
        { ...event, gatewayRequestId: 'late', occurredAt: '2026-04-20T00:00:00Z', charge: '0.02' },
        { ...event, gatewayRequestId: 'may', occurredAt: '2026-05-20T00:00:00Z', charge: '0.001' },
      ],
    },
  );
  await app.data(gql('mutation { rollUpInvoices(period: "2026-05-01") { created } }'));
  const { invoices } = await app.data(
    gql(
      '{ invoices(filter: { period: "2026-05-01" }) { nodes { lines { id line { kind billingKind unitPriceCents } } } } }',
    ),
  );
  lines = present(invoices.nodes[0]).lines;
});
afterAll(() => app.close());

async function explained(kind: string, billingKind?: string, unitPriceCents?: string) {
  const found = lines.find(
    ({ line }) =>
      line.kind === kind &&
      (!billingKind || line.billingKind === billingKind) &&
      (!unitPriceCents || line.unitPriceCents === unitPriceCents),
  );
  return (await app.data(EXPLAIN, { id: found.id }, app.tenant('acme'))).invoiceLine;
}
const fraction = ({ numerator, denominator }: any) => new Decimal(numerator).div(denominator);
const sum = (values: string[]) => values.reduce((total, one) => total.plus(one), new Decimal(0));

describe('explaining an invoice line', () => {
  it('every line’s parts and residue sum to its amount, its quantity parts to what is billed, its records to what was used', async () => {
    expect(lines).toHaveLength(7);
    for (const { id } of lines) {
      const { line, explanation } = present((await app.data(EXPLAIN, { id }, app.tenant('acme'))).invoiceLine);
      const { denominator } = present(explanation).residue;
      const numerators = [...present(explanation).amountParts.map((part) => part.cents), present(explanation).residue];
      expect(numerators.every((one) => one.denominator === denominator)).toBe(true);
      expect(
        sum(numerators.map((one) => one.numerator))
          .div(denominator)
          .toNumber(),
      ).toBe(line.amount.cents);
      expect(fraction(present(explanation).residue).abs().lte(0.5)).toBe(true);
      if (line.kind === 'OVERAGE') {
        const quantities = present(explanation).quantityParts.map((part) => part.quantity);
        expect(sum(quantities).toFixed()).toBe(present(explanation).billableQuantity);
        const usage = present(present(explanation).usage);
        expect(sum(usage.records.nodes.map((one) => one.quantity)).toFixed()).toBe(usage.recorded);
        expect(sum([usage.recorded, usage.residue]).toFixed()).toBe(usage.used);
        expect(usage.isComplete).toBe(true);
      } else expect(present(explanation).usage).toBeNull();
    }
  });

  it('a base line names its version, an addon line what was attached', async () => {
    expect(present(await explained('PLAN_BASE')).explanation).toMatchObject({
      calculation: '5000 c × 12/31 = 1935.483870… c, rounded to 19.35',
      planVersion: { version: 1, plan: { code: 'studio' } },
      planItem: null,
      residue: { numerator: '-15', denominator: 31 },
    });
    expect(present(await explained('ADDON')).explanation).toMatchObject({
      planVersion: null,
      addon: { code: 'storage_50gb', quantity: '50', price: { cents: 750 } },
    });
  });

  it('an overage names item, allowances and each record behind it', async () => {
    const explanation = present(present(await explained('OVERAGE', 'SPACES_GB_MONTH')).explanation);
    expect(explanation).toMatchObject({
      planItem: { kind: 'SPACES_GB_MONTH', includedQuantity: '100', overagePriceCents: '2' },
      resourcePrice: null,
      allowance: [
        {
          source: 'PLAN',
          addonCode: null,
          quantity: '38.709677419355',
          wholeQuantity: '100',
          prorationFraction: '12/31',
        },
        { source: 'ADDON', addonCode: 'storage_50gb', quantity: '19.354838709677', wholeQuantity: '50' },
      ],
      exactBillableQuantity: '600/31',
      calculation: '(2400/31 − 1800/31) = 600/31; 600/31 ÷ 1 × 2 c = 38.709677… c, rounded to 0.39',
      usage: { from: '2026-05-20', to: '2026-05-31', isComplete: true, records: { totalCount: 12 } },
    });
    expect(present(present(present(explanation.usage).records.nodes[0]).resource).name).toBe('media');
  });

  it('what a resource price billed comes from the days on which that price was in force', async () => {
    const first = present(await explained('OVERAGE', 'VOLUME_GB_MONTH', '10')).explanation;
    const second = present(await explained('OVERAGE', 'VOLUME_GB_MONTH', '15')).explanation;
    expect(first).toMatchObject({ planItem: null, resourcePrice: { unitPriceCents: '10' } });
    expect(
      [first, second]
        .map((one) => present(one?.usage))
        .map((usage) => [usage.from, usage.to, usage.records.totalCount]),
    ).toEqual([
      ['2026-05-20', '2026-05-24', 5],
      ['2026-05-25', '2026-05-31', 7],
    ]);
    expect([first, second].map((one) => one?.usage?.isComplete)).toEqual([true, true]);
  });

  it('prices that change later change no explanation of a line, and no day that it was priced from', async () => {
    const before = await Promise.all(lines.map(({ id }) => app.data(EXPLAIN, { id })));
    for (const [effectiveFrom, unitPriceCents] of [
      ['2026-01-01', '77'],
      ['2026-05-22', '88'],
    ] as const) {
      await app.data(
        gql('mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id } } }'),
        { input: { kind: 'VOLUME_GB_MONTH', unit: 'gb', unitPriceCents, effectiveFrom } },
      );
    }
    expect(await Promise.all(lines.map(({ id }) => app.data(EXPLAIN, { id })))).toEqual(before);
  });

  it('LLM usage names each charge, the late one too, and tax the lines it taxes', async () => {
    const explanation = present(present(await explained('LLM_USAGE')).explanation);
    expect(explanation.llmCharges).toEqual({
      totalCount: 2,
      nodes: [
        { gatewayRequestId: 'late', charge: '0.02', currency: 'AUD' },
        { gatewayRequestId: 'may', charge: '0.001', currency: 'AUD' },
      ],
    });
    const tax = present(await explained('TAX'));
    const taxed = present(tax.explanation).taxedLines.map(({ line }) => line.amount.cents);
    expect(taxed.reduce((total: number, cents: number) => total + cents, 0)).toBe(tax.line.meta.taxableCents);
    expect(taxed).toHaveLength(6);
  });

  it('says so where the records are no longer those that were billed', async () => {
    const { id } = lines.find(({ line }) => line.billingKind === 'SPACES_GB_MONTH' && line.kind === 'OVERAGE');
    await app.sql(`delete from usage_records where kind = 'spaces_gb_month' and period_start = '2026-05-31T00:00:00Z'`);
    const usage = present(present(present((await app.data(EXPLAIN, { id })).invoiceLine).explanation).usage);
    expect(usage).toMatchObject({ used: '77.41935483871', isComplete: false, records: { totalCount: 11 } });
    expect(sum([usage.recorded, usage.residue]).toFixed()).toBe('77.41935483871');
  });

  it('another tenant’s line, and one that there is not, are not found', async () => {
    const query = gql('query($id: ID!) { invoiceLine(id: $id) { id explanation { formula } } }');
    for (const id of [lines[0].id, '999999', 'nonsense', '-1']) {
      expect(await app.data(query, { id }, app.tenant('stranger'))).toEqual({ invoiceLine: null });
    }
    expect(present((await app.data(query, { id: lines[0].id })).invoiceLine).id).toBe(lines[0].id);
  });
});
