import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Inventory1763600000100 implements MigrationInterface {
  name = 'Inventory1763600000100';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- One sequence for every live event, so that streams over several tables have one order within a transaction.
      create sequence live_event_id as bigint cache 1;

      create table cloud_projects (
        id uuid primary key default gen_random_uuid(),
        provider text not null,
        provider_id text not null,
        name text not null,
        description text,
        provider_purpose text,
        classified_purpose text,
        environment text,
        is_default boolean not null default false,
        tenant_id text,
        first_seen_at timestamptz not null,
        last_seen_at timestamptz not null,
        last_seen_run bigint,
        stale_strike_count int not null default 0 check (stale_strike_count >= 0),
        deleted_at timestamptz,
        unique (provider, provider_id)
      );
      create index cloud_projects_tenant on cloud_projects (tenant_id, first_seen_at, id);

      create table cloud_resources (
        id uuid primary key default gen_random_uuid(),
        provider text not null,
        kind text not null check (kind in ('droplet', 'droplet_backup', 'snapshot', 'volume', 'floating_ip', 'firewall',
          'load_balancer', 'dns_zone', 'spaces_bucket', 'managed_db', 'k8s_cluster', 'app', 'other')),
        provider_kind text not null,
        provider_id text not null,
        name text not null,
        status text,
        region text,
        tags text[] not null default '{}',
        attrs jsonb not null default '{}',
        tenant_id text,
        cloud_project_id uuid references cloud_projects (id),
        deployment_id uuid,
        first_seen_at timestamptz not null,
        last_seen_at timestamptz not null,
        last_seen_run bigint,
        stale_strike_count int not null default 0 check (stale_strike_count >= 0),
        deleted_at timestamptz
      ) with (fillfactor = 75);
      -- The provider's own kind is one a kind, but for 'other', where ids of several kinds may coincide.
      create unique index cloud_resources_identity on cloud_resources (provider, kind, provider_kind, provider_id);
      create index cloud_resources_page on cloud_resources (kind, first_seen_at, id) where deleted_at is null;
      create index cloud_resources_page_all on cloud_resources (first_seen_at, id);
      create index cloud_resources_tenant on cloud_resources (tenant_id, first_seen_at, id) where tenant_id is not null;
      create index cloud_resources_project on cloud_resources (cloud_project_id, first_seen_at, id) where cloud_project_id is not null;
      create index cloud_resources_deployment on cloud_resources (deployment_id, first_seen_at, id) where deployment_id is not null;

      -- Whose member a resource is, known before the resource itself may be.
      create table cloud_project_members (
        provider text not null,
        kind text not null,
        provider_kind text not null,
        provider_id text not null,
        cloud_project_id uuid not null references cloud_projects (id),
        last_seen_run bigint not null,
        primary key (provider, kind, provider_kind, provider_id)
      );

      create table sync_runs (
        id uuid primary key default gen_random_uuid(),
        number bigint generated always as identity unique,
        scope text not null,
        status text not null check (status in ('queued', 'running', 'completed', 'failed')),
        trigger text not null check (trigger in ('schedule', 'operator')),
        requested_by text not null,
        queued_at timestamptz not null,
        started_at timestamptz,
        finished_at timestamptz,
        seen int not null default 0,
        discovered int not null default 0,
        updated int not null default 0,
        restored int not null default 0,
        deleted int not null default 0,
        error text,
        attempt int not null default 0,
        lease_owner text,
        lease_until timestamptz,
        check ((status in ('completed', 'failed')) = (finished_at is not null))
      );
      -- A scope that is queued or running is not queued twice.
      create unique index sync_runs_live on sync_runs (scope) where status in ('queued', 'running');
      create index sync_runs_scope on sync_runs (scope, number);

      create table sync_events (
        id bigint primary key default nextval('live_event_id'),
        xid xid8 not null default pg_current_xact_id(),
        run_id uuid not null references sync_runs (id),
        type text not null check (type in ('run_started', 'page_fetched', 'run_completed', 'run_failed')),
        at timestamptz not null,
        message text
      );
      create index sync_events_stream on sync_events (xid, id);
      create index sync_events_run on sync_events (run_id, id);

      -- The largest table: no key of its own beside the one that lists a resource's events.
      create table cloud_resource_events (
        id bigint not null default nextval('live_event_id'),
        xid xid8 not null default pg_current_xact_id(),
        resource_id uuid not null,
        type text not null check (type in ('discovered', 'updated', 'deleted', 'restored', 'tagged', 'drift_detected')),
        at timestamptz not null,
        changes jsonb not null default '{}',
        actor text not null,
        run_id uuid,
        primary key (resource_id, id)
      );
      create index cloud_resource_events_stream on cloud_resource_events (xid, id) where run_id is not null;

      create table audit_entries (
        id bigint generated always as identity primary key,
        at timestamptz not null,
        subject text not null,
        tenant_id text not null,
        roles text[] not null,
        mutation text not null,
        inputs jsonb not null,
        request_id text not null,
        -- Null while it runs; what stays null was cut off.
        outcome text,
        finished_at timestamptz
      );
      create index audit_entries_at on audit_entries (at);
      create index audit_entries_subject on audit_entries (subject, at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
