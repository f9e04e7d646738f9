import type { MigrationInterface, QueryRunner } from 'typeorm';

const BILLING_KINDS = `('droplet_hours', 'spaces_gb_month', 'snapshot_gb_month', 'droplet_backup_gb_month', 'volume_gb_month',
  'bandwidth_gb', 'dns_zones', 'llm_tokens')`;

export class Billing1763600000400 implements MigrationInterface {
  name = 'Billing1763600000400';

  async up(db: QueryRunner): Promise<void> {
    await this.catalog(db);
    await this.subscriptions(db);
    await this.metering(db);
    await this.invoices(db);
  }

  private async catalog(db: QueryRunner): Promise<void> {
    await db.query(`
      create table plans (
        id uuid primary key default gen_random_uuid(),
        code text not null unique,
        name text not null,
        description text
      );

      create table plan_versions (
        id uuid primary key default gen_random_uuid(),
        plan_id uuid not null references plans (id),
        version int not null check (version > 0),
        status text not null check (status in ('draft', 'active', 'retired')),
        base_price_cents bigint not null check (base_price_cents >= 0),
        currency text not null check (currency in ('AUD', 'USD')),
        published_at timestamptz,
        retired_at timestamptz,
        unique (plan_id, version),
        check ((status = 'draft') = (published_at is null)),
        check ((status = 'retired') = (retired_at is not null))
      );
      create unique index plan_versions_active on plan_versions (plan_id) where status = 'active';

      create table plan_items (
        plan_version_id uuid not null references plan_versions (id),
        kind text not null check (kind in ${BILLING_KINDS}),
        included_quantity numeric not null check (included_quantity >= 0),
        overage_unit text not null,
        overage_price_cents numeric check (overage_price_cents >= 0),
        hard_cap_quantity numeric check (hard_cap_quantity >= 0),
        primary key (plan_version_id, kind)
      );

      create table addons (
        id uuid primary key default gen_random_uuid(),
        code text not null unique,
        name text not null,
        kind text not null check (kind in ${BILLING_KINDS}),
        quantity numeric not null check (quantity >= 0),
        price_cents bigint not null check (price_cents >= 0),
        currency text not null check (currency in ('AUD', 'USD'))
      );

      create table resource_prices (
        id uuid primary key default gen_random_uuid(),
        kind text not null check (kind in ${BILLING_KINDS}),
        unit text not null,
        unit_price_cents numeric not null check (unit_price_cents >= 0),
        currency text not null check (currency in ('AUD', 'USD')),
        effective_from date not null,
        unique (kind, currency, effective_from)
      );

      -- A published version stays as it is; all that may still happen to it is to be retired.
      create function keep_published_plan_versions() returns trigger language plpgsql as $$
      begin
        if old.status = 'draft' then
          return coalesce(new, old);
        end if;
        if tg_op = 'UPDATE' and old.status = 'active' and new.status = 'retired'
          and (new.id, new.plan_id, new.version, new.base_price_cents, new.currency, new.published_at)
            = (old.id, old.plan_id, old.version, old.base_price_cents, old.currency, old.published_at) then
          return new;
        end if;
        raise exception 'plan version % is published and cannot change', old.id;
      end $$;
      create trigger keep_published before update or delete on plan_versions
        for each row execute function keep_published_plan_versions();

      create function keep_published_plan_items() returns trigger language plpgsql as $$
      begin
        if exists (select from plan_versions where id in (new.plan_version_id, old.plan_version_id) and status <> 'draft') then
          raise exception 'plan version % is published and cannot change', coalesce(new.plan_version_id, old.plan_version_id);
        end if;
        return coalesce(new, old);
      end $$;
      create trigger keep_published before insert or update or delete on plan_items
        for each row execute function keep_published_plan_items();
    `);
  }

  private async subscriptions(db: QueryRunner): Promise<void> {
    await db.query(`
      create table subscriptions (
        id uuid primary key default gen_random_uuid(),
        deployment_id uuid not null references deployments (id),
        plan_version_id uuid not null references plan_versions (id),
        status text not null check (status in ('active', 'paused', 'cancelled')),
        starts_on date not null,
        trial_ends_at timestamptz,
        created_at timestamptz not null
      );
      create unique index subscriptions_live on subscriptions (deployment_id) where status <> 'cancelled';
      create index subscriptions_deployment on subscriptions (deployment_id);
      create index subscriptions_plan_version on subscriptions (plan_version_id) where status <> 'cancelled';

      -- Which version was in force on which days: a change of version, a pause and the end each close one.
      create table subscription_segments (
        id bigint generated always as identity primary key,
        subscription_id uuid not null references subscriptions (id),
        plan_version_id uuid not null references plan_versions (id),
        from_day date not null,
        until_day date check (until_day >= from_day)
      );
      create index subscription_segments_subscription on subscription_segments (subscription_id);
      create unique index subscription_segments_open on subscription_segments (subscription_id) where until_day is null;

      -- Price and quantity as they stood when it was attached.
      create table subscription_addons (
        id uuid primary key default gen_random_uuid(),
        subscription_id uuid not null references subscriptions (id),
        addon_id uuid not null references addons (id),
        name text not null,
        kind text not null,
        quantity numeric not null,
        price_cents bigint not null,
        currency text not null,
        starts_on date not null,
        until_day date check (until_day >= starts_on)
      );
      create index subscription_addons_subscription on subscription_addons (subscription_id);
    `);
  }

  private async metering(db: QueryRunner): Promise<void> {
    await db.query(`
      -- A resource is metered once a kind and span of time, whichever deployment it belongs to.
      create table usage_records (
        id bigint generated always as identity,
        deployment_id uuid not null,
        resource_id uuid not null,
        kind text not null,
        granularity text not null check (granularity in ('daily', 'hourly')),
        period_start timestamptz not null,
        quantity numeric(38, 18) not null check (quantity >= 0),
        sub_attribution jsonb,
        primary key (kind, granularity, period_start, resource_id)
      );
      create index usage_records_deployment on usage_records (deployment_id, period_start, id);

      -- Which days were metered, so that one that was missed is found.
      create table metered_days (
        day date primary key,
        metered_at timestamptz not null
      );

      create table metering_config (
        kind text primary key check (kind in ${BILLING_KINDS}),
        granularity text not null check (granularity in ('daily', 'hourly')),
        retention_days int not null check (retention_days > 0)
      );
    `);
  }

  private async invoices(db: QueryRunner): Promise<void> {
    await db.query(`
      create table invoices (
        id uuid primary key default gen_random_uuid(),
        tenant_id text not null,
        period date not null check (extract(day from period) = 1),
        status text not null check (status in ('draft', 'issued', 'paid', 'void')),
        number text unique,
        currency text not null check (currency in ('AUD', 'USD')),
        subtotal_cents bigint not null,
        tax_cents bigint not null,
        total_cents bigint not null check (total_cents = subtotal_cents + tax_cents),
        drafted_at timestamptz not null,
        issued_at timestamptz,
        paid_at timestamptz,
        voided_at timestamptz,
        void_reason text,
        unique (tenant_id, period),
        check ((number is null) = (issued_at is null)),
        check (status not in ('issued', 'paid') or number is not null),
        check ((status = 'paid') = (paid_at is not null)),
        check ((status = 'void') = (voided_at is not null))
      );
      create index invoices_page on invoices (period, id);
      create index invoices_tenant on invoices (tenant_id, period, id);

      create table invoice_lines (
        id bigint generated always as identity primary key,
        invoice_id uuid not null references invoices (id),
        position int not null check (position > 0),
        deployment_id uuid references deployments (id),
        kind text not null check (kind in ('plan_base', 'addon', 'overage', 'llm_usage', 'tax')),
        billing_kind text,
        description text not null,
        quantity numeric not null,
        unit text not null,
        unit_price_cents numeric not null,
        amount_cents bigint not null,
        currency text not null,
        meta jsonb not null,
        unique (invoice_id, position)
      );
      create index invoice_lines_deployment on invoice_lines (deployment_id, invoice_id) where deployment_id is not null;

      create table invoice_numbers (
        year int primary key,
        last_number int not null check (last_number > 0)
      );

      -- Which months were rolled up by the schedule, so that one that was missed is found.
      create table rolled_up_periods (
        period date primary key,
        rolled_up_at timestamptz not null
      );

      -- The gateway's charges. The invoice that bills one is set with it, in one transaction.
      create table llm_usage_events (
        gateway_request_id text primary key,
        deployment_id uuid not null references deployments (id),
        occurred_at timestamptz not null,
        model text not null,
        input_tokens bigint not null check (input_tokens >= 0),
        output_tokens bigint not null check (output_tokens >= 0),
        charge numeric not null check (charge >= 0),
        currency text not null check (currency in ('AUD', 'USD')),
        recorded_at timestamptz not null,
        invoice_id uuid references invoices (id) deferrable initially deferred
      );
      create index llm_usage_events_unbilled on llm_usage_events (deployment_id, occurred_at) where invoice_id is null;
      create index llm_usage_events_invoice on llm_usage_events (invoice_id) where invoice_id is not null;

      -- Issued, paid and void invoices keep what they said; only how they stand may still change.
      create function keep_issued_invoices() returns trigger language plpgsql as $$
      begin
        if old.status = 'draft' then
          return coalesce(new, old);
        end if;
        if tg_op = 'UPDATE' and old.status = 'issued' and new.status in ('paid', 'void')
          and (new.id, new.tenant_id, new.period, new.number, new.currency, new.subtotal_cents, new.tax_cents,
              new.total_cents, new.drafted_at, new.issued_at)
            = (old.id, old.tenant_id, old.period, old.number, old.currency, old.subtotal_cents, old.tax_cents,
              old.total_cents, old.drafted_at, old.issued_at) then
          return new;
        end if;
        raise exception 'invoice % is % and cannot change', old.id, old.status;
      end $$;
      create trigger keep_issued before update or delete on invoices
        for each row execute function keep_issued_invoices();

      create function keep_issued_lines() returns trigger language plpgsql as $$
      begin
        if exists (select from changed join invoices invoice on invoice.id = changed.invoice_id where invoice.status <> 'draft') then
          raise exception 'the lines of an issued invoice cannot change';
        end if;
        return null;
      end $$;
      create trigger keep_issued_insert after insert on invoice_lines referencing new table as changed
        for each statement execute function keep_issued_lines();
      create trigger keep_issued_delete after delete on invoice_lines referencing old table as changed
        for each statement execute function keep_issued_lines();
      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% of % is refused', lower(tg_op), tg_table_name;
      end $$;
      create trigger never_updated before update or truncate on invoice_lines
        for each statement execute function refuse_change();
      create trigger never_truncated before truncate on invoices
        for each statement execute function refuse_change();
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
