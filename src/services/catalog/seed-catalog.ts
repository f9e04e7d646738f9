import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import {
  SEED_ADDONS,
  SEED_CURRENCY,
  SEED_PLANS,
  SEED_RESOURCE_PRICES,
  type SeedPlan,
} from '../../core/pricing/catalog-seed.js';
import { insertDraft, publishDraft } from './edit-plans.js';

/** Brings the catalog of the product in where it is missing; what is there already stays as it is. */
export async function seedCatalog(app: Pick<App, 'db' | 'clock'>): Promise<void> {
  await app.db.transaction(async (db) => {
    await db.query(`select pg_advisory_xact_lock(hashtext('seed_catalog'))`);
    for (const plan of SEED_PLANS) await seedPlan(db, plan, app.clock());
    for (const { code, name, kind, quantity, price } of SEED_ADDONS) {
      await db.query(
        `insert into addons (code, name, kind, quantity, price_cents, currency) values ($1, $2, $3, $4, $5, $6)
         on conflict (code) do nothing`,
        [code, name, kind, quantity, price.cents, price.currency],
      );
    }
    for (const { kind, unit, unitPriceCents, effectiveFrom } of SEED_RESOURCE_PRICES) {
      await db.query(
        `insert into resource_prices (kind, unit, unit_price_cents, currency, effective_from) values ($1, $2, $3, $4, $5)
         on conflict (kind, currency, effective_from) do nothing`,
        [kind, unit, unitPriceCents, SEED_CURRENCY, effectiveFrom],
      );
    }
  });
}

async function seedPlan(db: EntityManager, plan: SeedPlan, at: Date): Promise<void> {
  const [made]: { id: string }[] = await db.query(
    `insert into plans (code, name, description) values ($1, $2, $3) on conflict (code) do nothing returning id`,
    [plan.code, plan.name, plan.description],
  );
  if (!made) return;
  const id = await insertDraft(db, made.id, { ...plan, currency: SEED_CURRENCY });
  await publishDraft(db, { id, planId: made.id }, at);
}
