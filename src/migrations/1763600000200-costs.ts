import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Costs1763600000200 implements MigrationInterface {
  name = 'Costs1763600000200';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table cloud_balance_snapshots (
        id uuid primary key default gen_random_uuid(),
        taken_at timestamptz not null,
        month_to_date_usage_cents bigint not null,
        month_to_date_balance_cents bigint not null,
        account_balance_cents bigint not null,
        currency text not null
      );
      create index cloud_balance_snapshots_newest on cloud_balance_snapshots (taken_at desc, id);

      -- A period can have several invoices: the provider's uuid is the key.
      create table cloud_invoices (
        id uuid primary key default gen_random_uuid(),
        provider text not null,
        provider_id text not null,
        period date not null check (extract(day from period) = 1),
        currency text not null,
        total_cents bigint not null,
        issued_at timestamptz not null,
        discovered_at timestamptz not null,

        ingest_status text not null check (ingest_status in ('discovered', 'ingesting', 'ingested', 'failed')),
        ingest_attempt int not null default 0,
        -- When an ingest was last asked for; what has waited long since has lost its job.
        ingest_queued_at timestamptz not null,
        ingest_lease_owner text,
        ingest_lease_until timestamptz,
        ingested_at timestamptz,
        ingest_error text,
        ingest_failures int not null default 0,
        -- Of a failure that may pass by itself.
        ingest_retry_at timestamptz,

        -- The ingest whose lines are this invoice's; null before the first.
        live_ingest_id bigint,
        line_count int not null default 0 check (line_count >= 0),
        -- Lines attached to a resource, those that are gone included.
        matched_count int not null default 0 check (matched_count between 0 and line_count),
        lines_total_cents bigint,
        tax_cents bigint,
        -- What the lines come to beyond the stated total; null where they agree, and before the first ingest.
        total_difference_cents bigint generated always as (nullif(lines_total_cents - total_cents, 0)) stored,

        finance_invoice_id text,
        pushed_to_finance_at timestamptz,
        -- The ingest that finance has; a push is owed while it is not the live one.
        pushed_ingest_id bigint,
        finance_attempts int not null default 0,
        finance_next_attempt_at timestamptz,
        finance_error text,
        finance_lease_until timestamptz,

        unique (provider, provider_id),
        check ((live_ingest_id is null) = (lines_total_cents is null)),
        check ((pushed_to_finance_at is null) = (finance_invoice_id is null))
      );
      create index cloud_invoices_page on cloud_invoices (period desc, issued_at desc, id);
      create unique index cloud_invoices_live_ingest on cloud_invoices (live_ingest_id);
      create index cloud_invoices_unfinished on cloud_invoices (ingest_queued_at) where ingest_status <> 'ingested';

      -- One go at an invoice's lines. It writes its own, unseen, in short transactions, until it goes live; what is
      -- dropped is deleted in batches.
      create table cloud_invoice_ingests (
        id bigint generated always as identity primary key,
        invoice_id uuid not null references cloud_invoices (id),
        state text not null check (state in ('writing', 'live', 'dropped')),
        started_at timestamptz not null
      );
      create unique index cloud_invoice_ingests_live on cloud_invoice_ingests (invoice_id) where state = 'live';
      create index cloud_invoice_ingests_dropped on cloud_invoice_ingests (id) where state = 'dropped';
      create index cloud_invoice_ingests_writing on cloud_invoice_ingests (invoice_id) where state = 'writing';
      alter table cloud_invoices add foreign key (live_ingest_id) references cloud_invoice_ingests (id);

      -- Narrow, because an invoice can have a million: what all lines of an invoice share stands in the invoice, and
      -- foreign keys, which would be looked up for each line, are kept by those who write.
      create table cloud_cost_lines (
        ingest_id bigint not null,
        line_number int not null,
        amount_cents bigint not null,
        starts_at timestamptz,
        ends_at timestamptz,
        resource_id uuid,
        product text not null,
        group_description text,
        description text not null,
        kind text,
        hours numeric,
        project_name text,
        category text,
        match_status text not null check (match_status in ('matched', 'historic', 'tax', 'account_level', 'ambiguous',
          'unmatched')),
        match_reason text not null,
        primary key (ingest_id, line_number),
        check ((resource_id is not null) = (match_status in ('matched', 'historic')))
      );
      create index cloud_cost_lines_resource on cloud_cost_lines (resource_id, ingest_id) where resource_id is not null;

      -- The lines that count: each invoice's as last ingested. The id stays the same when it is ingested anew.
      create view live_cost_lines as
      select invoice.id || ':' || line.line_number as id, invoice.id as invoice_id, line.ingest_id, line.line_number,
        invoice.provider, invoice.period, line.product, line.group_description, line.description, line.kind, line.hours,
        line.starts_at, line.ends_at, line.amount_cents, invoice.currency, line.project_name, line.category,
        line.match_status, line.match_reason, line.resource_id
      from cloud_invoices invoice join cloud_cost_lines line on line.ingest_id = invoice.live_ingest_id;

      -- Made for a cost line; the provider never listed it.
      alter table cloud_resources add column is_from_invoice boolean not null default false,
        add check (not is_from_invoice or deleted_at is not null);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
