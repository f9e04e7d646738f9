import type { Viewer } from '../../context.js';
import type { AddonTerms, ResourcePrice } from '../../core/pricing/plan.js';
import type { Reads } from '../../database/reads.js';
import type { Plan } from '../../entities/plan.js';
import { BadUserInputError } from '../../errors.js';
import { findActiveVersions, type PlanVersionRow } from './plan-versions.js';

type Sql = Pick<Reads, 'query'>;

export interface AddonRow extends AddonTerms {
  readonly id: string;
}

const PLAN = 'select id, code, name, description from plans';
const ADDON = `select id, code, name, kind, trim_scale(quantity)::text as quantity,
  json_build_object('cents', price_cents, 'currency', currency) as price from addons`;

/** A plan that has a version which was published; others are for operators alone. */
const IS_PUBLISHED = `exists (select from plan_versions version where version.plan_id = plans.id and version.status <> 'draft')`;

export async function listPlans(sql: Sql, viewer: Pick<Viewer, 'isOperator'>): Promise<Plan[]> {
  return sql.query<Plan>(`${PLAN} where $1 or ${IS_PUBLISHED} order by code`, [viewer.isOperator]);
}

export async function findPlan(sql: Sql, viewer: Pick<Viewer, 'isOperator'>, code: string): Promise<Plan | null> {
  return (
    (await sql.query<Plan>(`${PLAN} where code = $1 and ($2 or ${IS_PUBLISHED})`, [code, viewer.isOperator]))[0] ?? null
  );
}

export async function findPlans(sql: Sql, ids: readonly string[]): Promise<Plan[]> {
  return sql.query<Plan>(`${PLAN} where id = any($1::uuid[])`, [ids]);
}

/** The version that a new subscription of this plan gets. Throws BAD_USER_INPUT at `path` where there is none. */
export async function requireActiveVersion(sql: Sql, planCode: string, path: string): Promise<PlanVersionRow> {
  const plan = await findPlan(sql, { isOperator: false }, planCode);
  const [active] = plan ? await findActiveVersions(sql, [plan.id]) : [];
  if (!active) throw BadUserInputError.at(path, `there is no published plan "${planCode}"`);
  return active;
}

export async function listAddons(sql: Sql): Promise<AddonRow[]> {
  return sql.query<AddonRow>(`${ADDON} order by code`, []);
}

export async function findAddons(sql: Sql, ids: readonly string[]): Promise<AddonRow[]> {
  return sql.query<AddonRow>(`${ADDON} where id = any($1::uuid[])`, [ids]);
}

/** The most that a subscription has, and a quote takes. */
export const MAX_ADDONS = 100;

/** One addon for each code, in that order. Throws BAD_USER_INPUT that names every code that there is not. */
export async function requireAddons(sql: Sql, codes: readonly string[], path: string): Promise<AddonRow[]> {
  if (codes.length > MAX_ADDONS) throw BadUserInputError.at(path, `takes at most ${MAX_ADDONS} addons`);
  const rows = await sql.query<AddonRow>(`${ADDON} where code = any($1::text[])`, [codes]);
  const byCode = new Map(rows.map((row) => [row.code, row]));
  const unknown = codes.flatMap((code, i) =>
    byCode.has(code) ? [] : [{ path: `${path}.${i}`, message: `there is no addon "${code}"` }],
  );
  if (unknown.length > 0) throw new BadUserInputError(unknown);
  return codes.map((code) => byCode.get(code) as AddonRow);
}

/** Each holds until the next one of its kind and currency begins. `on`: those in force that day; null: all. */
export async function listResourcePrices(sql: Sql, on: string | null): Promise<ResourcePrice[]> {
  return sql.query<ResourcePrice>(
    `select id, kind, unit, trim_scale("unitPrice")::text as "unitPriceCents", currency,
       "from"::text as "effectiveFrom", "to"::text as "effectiveTo"
     from (select id, kind, unit, unit_price_cents as "unitPrice", currency, effective_from as "from",
             lead(effective_from) over (partition by kind, currency order by effective_from) as "to"
           from resource_prices) price
     where $1::date is null or ("from" <= $1::date and ("to" is null or $1::date < "to"))
     order by kind, currency, "from"`,
    [on],
  );
}
