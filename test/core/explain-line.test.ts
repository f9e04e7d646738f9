import { describe, expect, it } from '@jest/globals';
import { explainLine } from '../../src/core/invoices/explain-line.js';
import { draftInvoice } from '../../src/core/invoices/invoice.js';
import { aDeployment, anAddon, aPlan, aTenantMonth, day, month } from './billing-builders.js';

function linesOfMay() {
  const items = aPlan('studio').items.map((item) => ({ ...item, hardCapQuantity: '40' }));
  const capped = aPlan('studio', { items });
  const draft = draftInvoice(
    aTenantMonth('2026-05', [
      aDeployment({
        subscriptions: [
          {
            segments: [{ plan: capped, from: day('2026-05-20'), until: null }],
            addons: [{ addon: anAddon('storage_50gb'), from: day('2026-05-20'), until: null }],
          },
        ],
        usage: [{ kind: 'spaces_gb_month', day: day('2026-05-20'), quantity: '200.5' }],
        llmCharges: [
          { period: month('2026-05'), requestCount: 3, charge: '0.001', currency: 'AUD' },
          { period: month('2026-04'), requestCount: 1, charge: '0.02', currency: 'AUD' },
        ],
      }),
    ]),
  );
  return (draft?.lines ?? []).map(({ line }) => line);
}

describe('explaining a line', () => {
  it('shows the formula with its numbers, for each kind of line', () => {
    expect(linesOfMay().map((line) => explainLine(line).calculation)).toEqual([
      '5000 c × 12/31 = 1935.483870… c, rounded to 19.35',
      '750 c × 12/31 = 290.322580… c, rounded to 2.90',
      '(200.5 − 1800/31) (at most 40) = 40; 40 ÷ 1 × 2 c = 80 c, rounded to 0.80',
      '2 c + 0.1 c = 2.1 c, rounded to 0.02',
      '2307 c × 0.1 = 230.7 c, rounded to 2.31',
    ]);
  });

  it('takes the quantity of an overage apart, down to the cap', () => {
    const overage = linesOfMay().find((line) => line.kind === 'overage');
    expect(overage && explainLine(overage)).toMatchObject({
      quantityParts: [
        { label: 'used', quantity: '200.5', exact: '200.5' },
        { label: 'included in the plan, 12/31 of 100', quantity: '-38.709677419355', exact: '-1200/31' },
        { label: 'addon storage_50gb, 12/31 of 50', quantity: '-19.354838709677', exact: '-600/31' },
        { label: 'above the cap', quantity: '-102.435483870968', exact: '-6351/62' },
      ],
      billableQuantity: '40',
      exactBillableQuantity: '40',
      residueCents: { numerator: '0', denominator: 1 },
    });
  });

  it('names the late part of LLM usage', () => {
    const llm = linesOfMay().find((line) => line.kind === 'llm_usage');
    expect(llm && explainLine(llm).amountParts).toEqual([
      { label: 'late, of 2026-04 (requests: 1)', cents: { numerator: '2', denominator: 1 } },
      { label: 'of 2026-05 (requests: 3)', cents: { numerator: '0.1', denominator: 1 } },
    ]);
  });

  it('refuses a line whose record does not add up', () => {
    const [base] = linesOfMay();
    if (!base) throw new Error('no line');
    const tampered = { ...base, amount: { ...base.amount, cents: base.amount.cents + 1 } };
    expect(() => explainLine(tampered)).toThrow('does not add up to 1936 cents');
  });
});
