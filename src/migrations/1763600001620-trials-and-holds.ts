import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TrialsAndHolds1763600001620 implements MigrationInterface {
  name = 'TrialsAndHolds1763600001620';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- What the sweep of trials looks at: few at any time.
      create index deployments_trial on deployments (id) where state = 'trial';
      create index subscriptions_trial on subscriptions (deployment_id) where trial_ends_at is not null;

      -- Months of deployments that the roll-up left out while their billing was suspended.
      create table held_months (
        deployment_id uuid not null references deployments (id),
        period date not null check (extract(day from period) = 1),
        held_at timestamptz not null,
        primary key (deployment_id, period)
      );
      create index held_months_period on held_months (period);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
