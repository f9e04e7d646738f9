import { Decimal, roundToCents } from '../money/money.js';

/** One owner's part of a month's cost; null is nobody. */
export interface ResourceCost<Owner extends string | null> {
  readonly owner: Owner;
  readonly cents: number;
}

/**
 * Whose the usual cost is: the usual month is the median one (or the two in the middle), so the owners' shares of that month
 * sum to it. What rounding leaves goes to the largest.
 */
export function usualShares<Owner extends string | null>(
  history: readonly (readonly ResourceCost<Owner>[])[],
): Map<Owner, number> {
  const inOrder = history.toSorted((a, b) => totalOf(a) - totalOf(b));
  const middle = [inOrder[(inOrder.length - 1) >> 1], inOrder[inOrder.length >> 1]].filter((one) => one !== undefined);
  const exact = new Map<Owner, Decimal>();
  for (const { owner, cents } of middle.flat()) {
    exact.set(owner, new Decimal(cents).div(middle.length).plus(exact.get(owner) ?? 0));
  }
  const shares = new Map([...exact].map(([owner, share]) => [owner, roundToCents(share)]));
  const usual = roundToCents([...exact.values()].reduce((sum, share) => sum.plus(share), new Decimal(0)));
  const rest = usual - [...shares.values()].reduce((sum, cents) => sum + cents, 0);
  const largest = [...shares].toSorted(
    ([a, x], [b, y]) => Math.abs(y) - Math.abs(x) || ((a ?? '') < (b ?? '') ? -1 : 1),
  )[0];
  if (largest && rest !== 0) shares.set(largest[0], largest[1] + rest);
  return shares;
}

function totalOf(costs: readonly ResourceCost<string | null>[]): number {
  return costs.reduce((sum, one) => sum + one.cents, 0);
}
