import type { App } from '../../context.js';
import { BILLING_KIND_FACTS, type BillingKind } from '../../core/metering/billing-kind.js';
import type { Currency } from '../../core/money/money.js';
import type { ResourcePrice } from '../../core/pricing/plan.js';
import { quantityProblems, resourcePriceProblems } from '../../core/pricing/plan-problems.js';
import { parseDay } from '../../core/time/period.js';
import { ConflictError } from '../../errors.js';
import { rejectPriceOfIssuedMonth } from '../issued-months/reject-issued-month.js';
import { codeProblems, nameProblems, priceProblems, rejectProblems } from '../validation/problems.js';
import { type AddonRow, findAddons, listResourcePrices } from './list-catalog.js';

export interface NewAddon {
  readonly code: string;
  readonly name: string;
  readonly kind: BillingKind;
  readonly quantity: string;
  readonly priceCents: number;
  readonly currency: Currency;
}

/** Operators only: the resolver sees to that. */
export async function createAddon(app: Pick<App, 'db' | 'reads'>, input: NewAddon): Promise<AddonRow> {
  rejectProblems([
    ...codeProblems(input.code),
    ...nameProblems(input.name),
    ...quantityProblems(input.quantity, 'input.quantity'),
    ...priceProblems(input.priceCents, 'input.priceCents'),
  ]);
  const [made]: { id: string }[] = await app.db.query(
    `insert into addons (code, name, kind, quantity, price_cents, currency) values ($1, $2, $3, $4, $5, $6)
     on conflict (code) do nothing returning id`,
    [input.code, input.name, input.kind, input.quantity, input.priceCents, input.currency],
  );
  if (!made) throw new ConflictError(`There is an addon "${input.code}" already.`);
  return (await findAddons(app.reads, [made.id]))[0] as AddonRow;
}

export interface NewResourcePrice {
  readonly kind: BillingKind;
  readonly unit: string;
  readonly unitPriceCents: string;
  readonly currency: Currency;
  readonly effectiveFrom: string;
}

/**
 * The price from that day on, until the next one begins. One that began on the same day is replaced. Throws IssuedMonthError if
 * it would hold in a month of which an invoice is issued.
 */
export async function setResourcePrice(
  app: Pick<App, 'db' | 'reads'>,
  input: NewResourcePrice,
): Promise<ResourcePrice> {
  rejectProblems(resourcePriceProblems(input));
  const from = parseDay(input.effectiveFrom, 'input.effectiveFrom');
  const set = await app.db.transaction(async (db) => {
    await rejectPriceOfIssuedMonth(db, { ...input, effectiveFrom: from }, 'input.effectiveFrom');
    const [row]: [{ id: string }] = await db.query(
      `insert into resource_prices (kind, unit, unit_price_cents, currency, effective_from) values ($1, $2, $3, $4, $5)
       on conflict (kind, currency, effective_from) do update
       set unit = excluded.unit, unit_price_cents = excluded.unit_price_cents
       returning id`,
      [input.kind, input.unit, input.unitPriceCents, input.currency, from],
    );
    return row;
  });
  const price = (await listResourcePrices(app.reads, from)).find((one) => one.id === set.id);
  if (!price) throw new Error(`the price of ${BILLING_KIND_FACTS[input.kind].label} just set is gone`);
  return price;
}
