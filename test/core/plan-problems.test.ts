import { describe, expect, it } from '@jest/globals';
import { SEED_ADDONS, SEED_PLANS, SEED_RESOURCE_PRICES } from '../../src/core/pricing/catalog-seed.js';
import type { PlanItem } from '../../src/core/pricing/plan.js';
import { planItemProblems, quantityProblems, resourcePriceProblems } from '../../src/core/pricing/plan-problems.js';

const tokens: PlanItem = {
  kind: 'llm_tokens',
  includedQuantity: '0',
  overageUnit: '1k_tokens',
  overagePriceCents: '0.0125',
  hardCapQuantity: null,
};

describe('the items of a plan version', () => {
  it('of the seed have no problem', () => {
    expect(SEED_PLANS.flatMap((plan) => planItemProblems(plan.items))).toEqual([]);
    expect(SEED_ADDONS.flatMap((addon) => quantityProblems(addon.quantity, addon.code))).toEqual([]);
    expect(SEED_RESOURCE_PRICES.flatMap((price) => resourcePriceProblems(price))).toEqual([]);
  });

  it('are refused one by one, each at its path', () => {
    const items = [
      tokens,
      { ...tokens, includedQuantity: '-1' },
      { ...tokens, kind: 'dns_zones' as const },
      { ...tokens, kind: 'bandwidth_gb' as const, overageUnit: 'gb', overagePriceCents: '1e3', hardCapQuantity: 'x' },
    ];
    expect(planItemProblems(items)).toEqual([
      { path: 'input.items.1.kind', message: 'llm_tokens stands here twice' },
      { path: 'input.items.1.includedQuantity', message: '-1 is less than zero' },
      {
        path: 'input.items.2.overageUnit',
        message: 'dns_zones is not priced by "1k_tokens"; it takes zone, zones, zone_month',
      },
      { path: 'input.items.3.overagePriceCents', message: '"1e3" is not a decimal number' },
      { path: 'input.items.3.hardCapQuantity', message: '"x" is not a decimal number' },
    ]);
  });

  it.each([
    ['999999999999.999999999999', 0],
    ['1000000000000', 1],
    ['0.0000000000001', 1],
    ['-0', 0],
    ['', 1],
    ['NaN', 1],
    ['.5', 1],
  ])('a quantity of "%s" has %i problems', (text, count) => {
    expect(quantityProblems(text, 'q')).toHaveLength(count);
  });
});
