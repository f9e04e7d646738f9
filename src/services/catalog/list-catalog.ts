import { z } from 'zod';
import type { Viewer } from '../../context.js';
import { MoneyShape } from '../../core/money/money-shape.js';
import { DayShape } from '../../core/time/period-shapes.js';
import type { Queries } from '../../database/queries.js';
import { type RowOf, rowOf, rowWith } from '../../database/row-shape.js';
import { rawSql, sql } from '../../database/sql.js';
import { Addon } from '../../entities/addon.js';
import { Plan } from '../../entities/plan.js';
import { ResourcePrice } from '../../entities/resource-price.js';
import { BadUserInputError } from '../../errors.js';
import { findActiveVersion, type PlanVersionRow } from './plan-versions.js';

export const PlanRow = rowOf(Plan);
const SELECT_PLAN = sql`select ${PlanRow.columns('plan')} from plans plan`;

/** A plan with a version that was published. Only operators see other plans. */
const IS_PUBLISHED = sql`exists (select from plan_versions version
  where version.plan_id = plan.id and version.status <> 'draft')`;
const isVisible = ({ isOperator }: Pick<Viewer, 'isOperator'>) => (isOperator ? rawSql('true') : IS_PUBLISHED);

/** Every plan that the viewer may see, by code. */
export async function listPlans(queries: Queries, viewer: Pick<Viewer, 'isOperator'>): Promise<Plan[]> {
  return queries.many(PlanRow, sql`/* list-plans */ ${SELECT_PLAN} where ${isVisible(viewer)} order by plan.code`);
}

/** Null: there is no such plan that the viewer may see. */
export async function findPlan(
  queries: Queries,
  viewer: Pick<Viewer, 'isOperator'>,
  code: string,
): Promise<Plan | null> {
  return queries.maybeOne(
    PlanRow,
    sql`/* find-plan */ ${SELECT_PLAN} where plan.code = ${code} and ${isVisible(viewer)}`,
  );
}

export async function findPlans(queries: Queries, ids: readonly string[]): Promise<Plan[]> {
  return queries.many(PlanRow, sql`/* find-plans */ ${SELECT_PLAN} where plan.id = any(${ids}::uuid[])`);
}

/** The version that a new subscription of this plan gets. Throws BAD_USER_INPUT at `path` if there is none. */
export async function requireActiveVersion(queries: Queries, planCode: string, path: string): Promise<PlanVersionRow> {
  const active = await findActiveVersion(queries, planCode);
  if (!active) throw BadUserInputError.at(path, `there is no published plan "${planCode}"`);
  return active;
}

const AddonColumns = rowOf(Addon, ['id', 'code', 'name', 'kind']);
export const AddonRow = rowWith(AddonColumns, { quantity: z.string(), price: MoneyShape });
export type AddonRow = RowOf<typeof AddonRow>;

const SELECT_ADDON = sql`select ${AddonColumns.columns('addon')}, trim_scale(addon.quantity)::text as quantity,
  json_build_object('cents', addon.price_cents, 'currency', addon.currency) as price from addons addon`;

/** Every addon, by code. */
export async function listAddons(queries: Queries): Promise<AddonRow[]> {
  return queries.many(AddonRow, sql`/* list-addons */ ${SELECT_ADDON} order by addon.code`);
}

export async function findAddons(queries: Queries, ids: readonly string[]): Promise<AddonRow[]> {
  return queries.many(AddonRow, sql`/* find-addons */ ${SELECT_ADDON} where addon.id = any(${ids}::uuid[])`);
}

/** Addons of one subscription, and of one quote. */
export const MAX_ADDONS = 100;

/** One addon for each code, in the order of the codes. Throws BAD_USER_INPUT that names every unknown code. */
export async function requireAddons(queries: Queries, codes: readonly string[], path: string): Promise<AddonRow[]> {
  if (codes.length > MAX_ADDONS) throw BadUserInputError.at(path, `takes at most ${MAX_ADDONS} addons`);
  const byCode = await findAddonsByCode(queries, codes);
  const unknown = codes.flatMap((code, i) =>
    byCode.has(code) ? [] : [{ path: `${path}.${i}`, message: noSuchAddon(code) }],
  );
  if (unknown.length > 0) throw new BadUserInputError(unknown);
  return codes.flatMap((code) => byCode.get(code) ?? []);
}

/** Throws BAD_USER_INPUT at `path` if there is none. */
export async function requireAddon(queries: Queries, code: string, path: string): Promise<AddonRow> {
  const addon = (await findAddonsByCode(queries, [code])).get(code);
  if (!addon) throw BadUserInputError.at(path, noSuchAddon(code));
  return addon;
}

const noSuchAddon = (code: string) => `there is no addon "${code}"`;

async function findAddonsByCode(queries: Queries, codes: readonly string[]): Promise<Map<string, AddonRow>> {
  const rows = await queries.many(
    AddonRow,
    sql`/* find-addons-by-code */ ${SELECT_ADDON} where addon.code = any(${codes}::text[])`,
  );
  return new Map(rows.map((row) => [row.code, row]));
}

const PriceColumns = rowOf(ResourcePrice, ['id', 'kind', 'unit', 'currency', 'effectiveFrom']);
export const ResourcePriceRow = rowWith(PriceColumns, { unitPriceCents: z.string(), effectiveTo: DayShape.nullable() });
export type ResourcePriceRow = RowOf<typeof ResourcePriceRow>;

/**
 * Resource prices by kind, currency and first day. Each is in force until the next price of its kind and currency begins.
 * `on`: the prices in force that day; null: all.
 */
export async function listResourcePrices(queries: Queries, on: string | null): Promise<ResourcePriceRow[]> {
  const inForce =
    on === null
      ? rawSql('true')
      : sql`price.effective_from <= ${on}::date and (price.effective_to is null or ${on}::date < price.effective_to)`;
  return queries.many(
    ResourcePriceRow,
    sql`/* list-resource-prices */ select ${PriceColumns.columns('price')},
       trim_scale(price.unit_price_cents)::text as "unitPriceCents", price.effective_to::text as "effectiveTo"
     from (select resource_prices.*,
             lead(effective_from) over (partition by kind, currency order by effective_from) as effective_to
           from resource_prices) price
     where ${inForce} order by price.kind, price.currency, price.effective_from`,
  );
}
