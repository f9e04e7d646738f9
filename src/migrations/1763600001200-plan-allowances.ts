import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A plan version says what its subscribers may provision. Versions of before allow nothing, but for the seeded ones. */
export class PlanAllowances1763600001200 implements MigrationInterface {
  name = 'PlanAllowances1763600001200';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table plan_versions
        add column allowed_sizes text[] not null default '{}',
        add column max_deployments int check (max_deployments > 0);

      alter table plan_versions disable trigger keep_published;
      update plan_versions version
      set allowed_sizes = seed.sizes, max_deployments = seed.deployments
      from plans plan join (values
        ('starter', array['s-1vcpu-512mb-10gb', 's-1vcpu-1gb'], 5),
        ('studio', array['s-1vcpu-512mb-10gb', 's-1vcpu-1gb', 's-1vcpu-2gb', 's-2vcpu-2gb', 's-2vcpu-4gb'], 20),
        ('pro', array['s-1vcpu-512mb-10gb', 's-1vcpu-1gb', 's-1vcpu-2gb', 's-2vcpu-2gb', 's-2vcpu-4gb', 's-4vcpu-8gb'], 50)
      ) as seed (code, sizes, deployments) on seed.code = plan.code
      where version.plan_id = plan.id and version.version = 1;
      alter table plan_versions enable trigger keep_published;

      create or replace function keep_published_plan_versions() returns trigger language plpgsql as $$
      begin
        if old.status = 'draft' then
          return coalesce(new, old);
        end if;
        if tg_op = 'UPDATE' and old.status = 'active' and new.status = 'retired'
          and (new.id, new.plan_id, new.version, new.base_price_cents, new.currency, new.published_at, new.allowed_sizes)
            = (old.id, old.plan_id, old.version, old.base_price_cents, old.currency, old.published_at, old.allowed_sizes)
          and new.max_deployments is not distinct from old.max_deployments then
          return new;
        end if;
        raise exception 'plan version % is published and cannot change', old.id;
      end $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
