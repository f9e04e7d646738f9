import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import type { Currency } from '../../core/money/money.js';
import type { PlanAllowance, PlanItem } from '../../core/pricing/plan.js';
import { allowanceProblems, planItemProblems } from '../../core/pricing/plan-problems.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { Plan } from '../../entities/plan.js';
import { PlanVersion } from '../../entities/plan-version.js';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { codeProblems, nameProblems, priceProblems, rejectProblems, textProblems } from '../validation/problems.js';
import { PlanRow } from './list-catalog.js';
import { findPlanVersion, getPlanVersion, type PlanVersionRow } from './plan-versions.js';

export interface NewPlan {
  readonly code: string;
  readonly name: string;
  readonly description?: string | null | undefined;
}

/** Creates a plan without a version: nobody can subscribe to it yet. Operators only: the resolver sees to that. */
export async function createPlan(app: Pick<App, 'db'>, input: NewPlan): Promise<Plan> {
  rejectProblems([
    ...codeProblems(input.code),
    ...nameProblems(input.name),
    ...textProblems(input.description, 'input.description'),
  ]);
  const plan = await query(app.db).maybeOne(
    PlanRow,
    sql`/* create-plan */ insert into plans (code, name, description)
      values (${input.code}, ${input.name}, ${input.description ?? null}) on conflict (code) do nothing
      returning ${PlanRow.columns('plans')}`,
  );
  if (!plan) throw new ConflictError(`There is a plan "${input.code}" already.`);
  return plan;
}

export interface NewPlanVersion extends PlanAllowance {
  readonly planCode: string;
  readonly basePriceCents: number;
  readonly currency: Currency;
  readonly items: readonly PlanItem[];
}

const PlanId = rowOf(Plan, ['id']);
const PlanVersionId = rowOf(PlanVersion, ['id']);

/** Creates a draft with its items. Throws BAD_USER_INPUT. Operators only: the resolver sees to that. */
export async function createPlanVersion(app: Pick<App, 'db'>, input: NewPlanVersion): Promise<PlanVersionRow> {
  rejectProblems([
    ...priceProblems(input.basePriceCents, 'input.basePriceCents'),
    ...planItemProblems(input.items),
    ...allowanceProblems(input),
  ]);
  return app.db.transaction(async (db) => {
    const plan = await query(db).maybeOne(
      PlanId,
      sql`/* lock-plan-by-code */ select id from plans where code = ${input.planCode} for update`,
    );
    if (!plan) throw BadUserInputError.at('input.planCode', `there is no plan "${input.planCode}"`);
    const id = await insertDraft(db, plan.id, input);
    return getPlanVersion(query(db), id);
  });
}

/** Returns the id of the draft. The caller has locked the plan's row or made it, so that versions count up without a gap. */
export async function insertDraft(
  db: EntityManager,
  planId: string,
  { basePriceCents, currency, items, allowedSizes, maxDeployments }: Omit<NewPlanVersion, 'planCode'>,
): Promise<string> {
  const draft = await query(db).one(
    PlanVersionId,
    sql`/* insert-plan-version */ insert into plan_versions
        (plan_id, version, status, base_price_cents, currency, allowed_sizes, max_deployments)
      select ${planId}::uuid, coalesce(max(version), 0) + 1, 'draft', ${basePriceCents}::bigint, ${currency},
        ${[...new Set(allowedSizes)]}::text[], ${maxDeployments}::int
      from plan_versions where plan_id = ${planId}::uuid returning id`,
  );
  await query(db).execute(
    sql`/* insert-plan-items */ insert into plan_items
        (plan_version_id, kind, included_quantity, overage_unit, overage_price_cents, hard_cap_quantity)
      select ${draft.id}::uuid, kind, "includedQuantity", "overageUnit", "overagePriceCents", "hardCapQuantity"
      from jsonb_to_recordset(${JSON.stringify(items)}::jsonb) as item(kind text, "includedQuantity" numeric,
        "overageUnit" text, "overagePriceCents" numeric, "hardCapQuantity" numeric)`,
  );
  return draft.id;
}

/**
 * Publishes a draft: new subscriptions get it, the version before it is retired, subscriptions keep their version. Throws
 * NOT_FOUND, or CONFLICT if the version is no draft. Operators only: the resolver sees to that.
 */
export async function publishPlanVersion(app: Pick<App, 'db' | 'clock'>, id: string): Promise<PlanVersionRow> {
  if (!isUuid(id)) throw new NotFoundError('plan version', id);
  return app.db.transaction(async (db) => {
    await query(db).execute(
      sql`/* lock-plan-of-version */ select plan.id from plans plan
        join plan_versions version on version.plan_id = plan.id where version.id = ${id} for update of plan`,
    );
    const version = await findPlanVersion(query(db), id);
    if (!version) throw new NotFoundError('plan version', id);
    if (version.status !== 'draft') {
      throw new ConflictError(
        `Version ${version.version} of plan "${version.planCode}" is ${version.status} already; only a draft can be published.`,
      );
    }
    await publishDraft(db, version, app.clock());
    return getPlanVersion(query(db), id);
  });
}

export async function publishDraft(
  db: EntityManager,
  { id, planId }: Pick<PlanVersionRow, 'id' | 'planId'>,
  at: Date,
): Promise<void> {
  await query(db).execute(
    sql`/* retire-plan-version */ update plan_versions set status = 'retired', retired_at = ${at}
      where plan_id = ${planId} and status = 'active'`,
  );
  await query(db).execute(
    sql`/* publish-plan-version */ update plan_versions set status = 'active', published_at = ${at} where id = ${id}`,
  );
}
