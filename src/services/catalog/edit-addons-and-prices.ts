import type { App } from '../../context.js';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import type { Currency } from '../../core/money/money.js';
import { quantityProblems, resourcePriceProblems } from '../../core/pricing/plan-problems.js';
import { parseDay } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { Addon } from '../../entities/addon.js';
import { ConflictError } from '../../errors.js';
import { rejectPriceOfIssuedMonth } from '../issued-months/reject-issued-month.js';
import { codeProblems, nameProblems, priceProblems, rejectProblems } from '../validation/problems.js';
import { type AddonRow, listResourcePrices, type ResourcePriceRow, requireAddon } from './list-catalog.js';

export interface NewAddon {
  readonly code: string;
  readonly name: string;
  readonly kind: BillingKind;
  readonly quantity: string;
  readonly priceCents: number;
  readonly currency: Currency;
}

const AddonId = rowOf(Addon, ['id']);

/** Throws CONFLICT if the code is taken. Operators only: the resolver sees to that. */
export async function createAddon(app: Pick<App, 'db' | 'reads'>, input: NewAddon): Promise<AddonRow> {
  rejectProblems([
    ...codeProblems(input.code),
    ...nameProblems(input.name),
    ...quantityProblems(input.quantity, 'input.quantity'),
    ...priceProblems(input.priceCents, 'input.priceCents'),
  ]);
  const inserted = await query(app.db).maybeOne(
    AddonId,
    sql`/* create-addon */ insert into addons (code, name, kind, quantity, price_cents, currency)
      values (${input.code}, ${input.name}, ${input.kind}, ${input.quantity}, ${input.priceCents}, ${input.currency})
      on conflict (code) do nothing returning id`,
  );
  if (!inserted) throw new ConflictError(`There is an addon "${input.code}" already.`);
  return requireAddon(app.reads, input.code, 'input.code');
}

export interface NewResourcePrice {
  readonly kind: BillingKind;
  readonly unit: string;
  readonly unitPriceCents: string;
  readonly currency: Currency;
  readonly effectiveFrom: string;
}

/**
 * Sets a price that is in force from `effectiveFrom` until the next price of its kind and currency begins. Replaces a price
 * that began on the same day. Throws IssuedMonthError if it would be in force in a month with an issued invoice.
 */
export async function setResourcePrice(
  app: Pick<App, 'db' | 'reads'>,
  input: NewResourcePrice,
): Promise<ResourcePriceRow> {
  rejectProblems(resourcePriceProblems(input));
  const { kind, unit, unitPriceCents, currency } = input;
  const from = parseDay(input.effectiveFrom, 'input.effectiveFrom');
  await app.db.transaction(async (db) => {
    await rejectPriceOfIssuedMonth(db, { kind, currency, effectiveFrom: from }, 'input.effectiveFrom');
    await query(db).execute(
      sql`/* set-resource-price */ insert into resource_prices (kind, unit, unit_price_cents, currency, effective_from)
        values (${kind}, ${unit}, ${unitPriceCents}, ${currency}, ${from})
        on conflict (kind, currency, effective_from) do update
        set unit = excluded.unit, unit_price_cents = excluded.unit_price_cents`,
    );
  });
  const prices = await listResourcePrices(app.reads, from);
  const price = prices.find((one) => one.kind === kind && one.currency === currency);
  if (!price) throw new Error(`the price of ${kind} from ${from} was not found right after it was set`);
  return price;
}
