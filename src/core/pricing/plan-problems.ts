import type { FieldProblem } from '../../errors.js';
import { unitSize, unitsOf } from '../metering/billing-kind.js';
import { type DecimalText, isDecimalText } from '../money/decimal-text.js';
import { Decimal } from '../money/money.js';
import { slugProblems } from '../provisioning/droplet-spec.js';
import type { PlanAllowance, PlanItem, ResourcePrice } from './plan.js';

/** Quantities and prices have at most 12 digits before the point and after it, so that every product is exact. */
const DIGITS = 12;

/** What is wrong with the items of a new plan version, each at its path; empty: nothing. */
export function planItemProblems(items: readonly PlanItem[], path = 'input.items'): FieldProblem[] {
  const seen = new Set<string>();
  return items.flatMap((item, i) => {
    const at = `${path}.${i}`;
    const repeated = seen.has(item.kind);
    seen.add(item.kind);
    return [
      ...(repeated ? [{ path: `${at}.kind`, message: `${item.kind} stands here twice` }] : []),
      ...quantityProblems(item.includedQuantity, `${at}.includedQuantity`),
      ...quantityProblems(item.overagePriceCents, `${at}.overagePriceCents`),
      ...quantityProblems(item.hardCapQuantity, `${at}.hardCapQuantity`),
      ...unitProblems(item.kind, item.overageUnit, `${at}.overageUnit`),
    ];
  });
}

const MAX_ALLOWED_SIZES = 200;
const MAX_MAX_DEPLOYMENTS = 100_000;

export function allowanceProblems({ allowedSizes, maxDeployments }: PlanAllowance, path = 'input'): FieldProblem[] {
  const hasRoom = maxDeployments === null || (maxDeployments >= 1 && maxDeployments <= MAX_MAX_DEPLOYMENTS);
  if (allowedSizes.length > MAX_ALLOWED_SIZES) {
    return [{ path: `${path}.allowedSizes`, message: `takes at most ${MAX_ALLOWED_SIZES} sizes` }];
  }
  return [
    ...allowedSizes.flatMap((slug, i) => slugProblems(slug, `${path}.allowedSizes.${i}`, 'a size, as s-1vcpu-1gb')),
    ...(hasRoom ? [] : [{ path: `${path}.maxDeployments`, message: `takes 1 to ${MAX_MAX_DEPLOYMENTS}` }]),
  ];
}

export function resourcePriceProblems(
  price: Pick<ResourcePrice, 'kind' | 'unit' | 'unitPriceCents'>,
  path = 'input',
): FieldProblem[] {
  return [
    ...quantityProblems(price.unitPriceCents, `${path}.unitPriceCents`),
    ...unitProblems(price.kind, price.unit, `${path}.unit`),
  ];
}

/** A quantity, or a price below a cent, that somebody typed; null is no problem. */
export function quantityProblems(text: DecimalText | null, path: string): FieldProblem[] {
  if (text === null) return [];
  if (!isDecimalText(text)) return [{ path, message: `"${text}" is not a decimal number` }];
  const value = new Decimal(text);
  if (value.isNegative() && !value.isZero()) return [{ path, message: `${text} is less than zero` }];
  const fits = value.lt(new Decimal(10).pow(DIGITS)) && value.decimalPlaces() <= DIGITS;
  return fits ? [] : [{ path, message: `${text} has more than ${DIGITS} digits before or after the point` }];
}

function unitProblems(kind: PlanItem['kind'], unit: string, path: string): FieldProblem[] {
  if (unitSize(kind, unit)) return [];
  return [{ path, message: `${kind} is not priced by "${unit}"; it takes ${unitsOf(kind).join(', ')}` }];
}
