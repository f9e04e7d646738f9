import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import {
  SEED_ADDONS,
  SEED_CURRENCY,
  SEED_PLANS,
  SEED_RESOURCE_PRICES,
  type SeedPlan,
} from '../../core/pricing/catalog-seed.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { Plan } from '../../entities/plan.js';
import { insertDraft, publishDraft } from './edit-plans.js';

/** Inserts the product's plans, addons and prices that are missing, by their codes; existing rows stay as they are. */
export async function seedCatalog(app: Pick<App, 'db' | 'clock'>): Promise<void> {
  await app.db.transaction(async (db) => {
    await query(db).execute(sql`/* lock-seed-catalog */ select pg_advisory_xact_lock(hashtext('seed_catalog'))`);
    for (const plan of SEED_PLANS) await seedPlan(db, plan, app.clock());
    for (const { code, name, kind, quantity, price } of SEED_ADDONS) {
      await query(db).execute(
        sql`/* seed-addon */ insert into addons (code, name, kind, quantity, price_cents, currency)
          values (${code}, ${name}, ${kind}, ${quantity}, ${price.cents}, ${price.currency})
          on conflict (code) do nothing`,
      );
    }
    for (const { kind, unit, unitPriceCents, effectiveFrom } of SEED_RESOURCE_PRICES) {
      await query(db).execute(
        sql`/* seed-resource-price */ insert into resource_prices (kind, unit, unit_price_cents, currency, effective_from)
          values (${kind}, ${unit}, ${unitPriceCents}, ${SEED_CURRENCY}, ${effectiveFrom})
          on conflict (kind, currency, effective_from) do nothing`,
      );
    }
  });
}

const PlanId = rowOf(Plan, ['id']);

async function seedPlan(db: EntityManager, plan: SeedPlan, at: Date): Promise<void> {
  const inserted = await query(db).maybeOne(
    PlanId,
    sql`/* seed-plan */ insert into plans (code, name, description)
      values (${plan.code}, ${plan.name}, ${plan.description}) on conflict (code) do nothing returning id`,
  );
  if (!inserted) return;
  const id = await insertDraft(db, inserted.id, { ...plan, currency: SEED_CURRENCY });
  await publishDraft(db, { id, planId: inserted.id }, at);
}
