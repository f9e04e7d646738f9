import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Deployments1763600000250 implements MigrationInterface {
  name = 'Deployments1763600000250';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table deployments (
        id uuid primary key default gen_random_uuid(),
        tenant_id text not null,
        slug text not null,
        display_name text not null,
        region text,
        state text not null check (state in ('provisioning', 'trial', 'active', 'past_due', 'paused', 'suspended',
          'cancelled', 'archived')),
        llm_mode text not null default 'none' check (llm_mode in ('none', 'managed', 'byok')),
        billing_action_suspended boolean not null default false,
        template_code text,
        template_version text,
        created_at timestamptz not null,
        unique (tenant_id, slug)
      );
      create index deployments_page on deployments (created_at, id);
      create index deployments_tenant on deployments (tenant_id, created_at, id);

      create table deployment_events (
        id bigint generated always as identity,
        deployment_id uuid not null references deployments (id),
        at timestamptz not null,
        from_state text,
        to_state text not null,
        actor text not null,
        reason text,
        primary key (deployment_id, id)
      );

      alter table cloud_resources add foreign key (deployment_id) references deployments (id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
