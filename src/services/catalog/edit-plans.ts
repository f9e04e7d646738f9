import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import type { Currency } from '../../core/money/money.js';
import type { PlanAllowance, PlanItem } from '../../core/pricing/plan.js';
import { allowanceProblems, planItemProblems } from '../../core/pricing/plan-problems.js';
import { readsWithin } from '../../database/reads.js';
import type { Plan } from '../../entities/plan.js';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { codeProblems, nameProblems, priceProblems, rejectProblems, textProblems } from '../validation/problems.js';
import { findPlanVersion, type PlanVersionRow } from './plan-versions.js';

export interface NewPlan {
  readonly code: string;
  readonly name: string;
  readonly description?: string | null | undefined;
}

/** A plan without a version: nobody can subscribe to it yet. Operators only: the resolver sees to that. */
export async function createPlan(app: Pick<App, 'db'>, input: NewPlan): Promise<Plan> {
  rejectProblems([
    ...codeProblems(input.code),
    ...nameProblems(input.name),
    ...textProblems(input.description, 'input.description'),
  ]);
  const [plan]: Plan[] = await app.db.query(
    `insert into plans (code, name, description) values ($1, $2, $3) on conflict (code) do nothing
     returning id, code, name, description`,
    [input.code, input.name, input.description ?? null],
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

/** A new draft with its items, or nothing. */
export async function createPlanVersion(app: Pick<App, 'db'>, input: NewPlanVersion): Promise<PlanVersionRow> {
  rejectProblems([
    ...priceProblems(input.basePriceCents, 'input.basePriceCents'),
    ...planItemProblems(input.items),
    ...allowanceProblems(input),
  ]);
  return app.db.transaction(async (db) => {
    const [plan]: { id: string }[] = await db.query('select id from plans where code = $1 for update', [
      input.planCode,
    ]);
    if (!plan) throw BadUserInputError.at('input.planCode', `there is no plan "${input.planCode}"`);
    const id = await insertDraft(db, plan.id, input);
    return (await findPlanVersion(readsWithin(db), id)) as PlanVersionRow;
  });
}

/** The plan's row is locked, or new: versions are counted up without a gap. Answers the draft's id. */
export async function insertDraft(
  db: EntityManager,
  planId: string,
  { basePriceCents, currency, items, allowedSizes, maxDeployments }: Omit<NewPlanVersion, 'planCode'>,
): Promise<string> {
  const [draft]: [{ id: string }] = await db.query(
    `insert into plan_versions (plan_id, version, status, base_price_cents, currency, allowed_sizes, max_deployments)
     select $1, coalesce(max(version), 0) + 1, 'draft', $2, $3, $4, $5 from plan_versions where plan_id = $1 returning id`,
    [planId, basePriceCents, currency, [...new Set(allowedSizes)], maxDeployments],
  );
  await db.query(
    `insert into plan_items (plan_version_id, kind, included_quantity, overage_unit, overage_price_cents, hard_cap_quantity)
     select $1, kind, "includedQuantity", "overageUnit", "overagePriceCents", "hardCapQuantity"
     from jsonb_to_recordset($2::jsonb) as item(kind text, "includedQuantity" numeric, "overageUnit" text,
       "overagePriceCents" numeric, "hardCapQuantity" numeric)`,
    [draft.id, JSON.stringify(items)],
  );
  return draft.id;
}

/** Makes a draft the version that new subscriptions get, and retires the one before; subscriptions stay where they are. */
export async function publishPlanVersion(app: Pick<App, 'db' | 'clock'>, id: string): Promise<PlanVersionRow> {
  if (!isUuid(id)) throw new NotFoundError('plan version', id);
  return app.db.transaction(async (db) => {
    await db.query(
      'select plan.id from plans plan join plan_versions version on version.plan_id = plan.id where version.id = $1 for update of plan',
      [id],
    );
    const version = await findPlanVersion(readsWithin(db), id);
    if (!version) throw new NotFoundError('plan version', id);
    if (version.status !== 'draft') {
      throw new ConflictError(
        `Version ${version.version} of plan "${version.planCode}" is ${version.status} already; only a draft can be published.`,
      );
    }
    await publishDraft(db, version, app.clock());
    return (await findPlanVersion(readsWithin(db), id)) as PlanVersionRow;
  });
}

export async function publishDraft(
  db: EntityManager,
  { id, planId }: Pick<PlanVersionRow, 'id' | 'planId'>,
  at: Date,
): Promise<void> {
  await db.query(
    `update plan_versions set status = 'retired', retired_at = $2 where plan_id = $1 and status = 'active'`,
    [planId, at],
  );
  await db.query(`update plan_versions set status = 'active', published_at = $2 where id = $1`, [id, at]);
}
