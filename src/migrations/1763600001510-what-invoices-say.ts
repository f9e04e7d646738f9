import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lines name their deployment as it was called, invoices keep the usage that no line prices, an invoice over nothing takes no
 * number, and what could not be drafted is kept until it is.
 */
export class WhatInvoicesSay1763600001510 implements MigrationInterface {
  name = 'WhatInvoicesSay1763600001510';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table invoice_lines add column deployment_slug text, add column deployment_name text;
      alter table invoice_lines disable trigger never_updated;
      update invoice_lines line set deployment_slug = deployment.slug, deployment_name = deployment.display_name
      from deployments deployment where deployment.id = line.deployment_id;
      alter table invoice_lines enable trigger never_updated;

      alter table invoices add column unpriced jsonb not null default '[]';
      create or replace function keep_issued_invoices() returns trigger language plpgsql as $$
      begin
        if old.status = 'draft' then
          return coalesce(new, old);
        end if;
        if tg_op = 'UPDATE' and old.status = 'issued' and new.status in ('paid', 'void')
          and (new.id, new.tenant_id, new.period, new.number, new.currency, new.subtotal_cents, new.tax_cents,
              new.total_cents, new.unpriced, new.drafted_at, new.issued_at)
            is not distinct from (old.id, old.tenant_id, old.period, old.number, old.currency, old.subtotal_cents, old.tax_cents,
              old.total_cents, old.unpriced, old.drafted_at, old.issued_at) then
          return new;
        end if;
        raise exception 'invoice % is % and cannot change', old.id, old.status;
      end $$;

      do $$
      declare old record;
      begin
        for old in select conname from pg_constraint
          where conrelid = 'invoices'::regclass and contype = 'c' and pg_get_constraintdef(oid) ~ '\\mnumber\\M'
        loop
          execute format('alter table invoices drop constraint %I', old.conname);
        end loop;
      end $$;
      alter table invoices
        add constraint invoices_number_is_issued check (number is null or issued_at is not null),
        add constraint invoices_issued_has_number check (issued_at is null or number is not null or total_cents = 0),
        add constraint invoices_settled_is_issued check (status not in ('issued', 'paid') or issued_at is not null);

      create table roll_up_failures (
        id bigint generated always as identity primary key,
        tenant_id text not null,
        currency text not null,
        period date not null,
        deployment_id uuid references deployments (id) on delete cascade,
        request_id text not null,
        reason text not null,
        attempts int not null default 1,
        first_failed_at timestamptz not null,
        last_failed_at timestamptz not null,
        resolved_at timestamptz,
        unique (tenant_id, currency, period)
      );
      create index roll_up_failures_page on roll_up_failures (last_failed_at, id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
