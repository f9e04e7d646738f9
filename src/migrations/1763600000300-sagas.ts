import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Sagas1763600000300 implements MigrationInterface {
  name = 'Sagas1763600000300';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table saga_runs (
        id uuid primary key,
        number bigint generated always as identity unique,
        kind text not null,
        status text not null check (status in ('pending', 'running', 'compensating', 'completed', 'rolled_back', 'failed')),
        steps jsonb not null check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) > 0),
        inputs jsonb not null,
        context jsonb not null default '{}',
        current_step_index int not null default 0 check (current_step_index >= 0),
        cancel_requested boolean not null default false,
        -- Why it was rolled back; 'error' also says what may be left behind.
        cause text,
        error text,
        tenant_id text,
        deployment_id uuid references deployments (id),
        -- No foreign key: a saga outlives the resource that it made and took away again.
        resource_id uuid,
        idempotency_key text,
        started_by text not null,
        starter_tenant_id text not null,
        created_at timestamptz not null,
        finished_at timestamptz,
        last_sequence int not null default 0 check (last_sequence >= 0),
        epoch bigint not null default 0,
        lease_owner text,
        lease_until timestamptz,
        next_attempt_at timestamptz,
        check ((status in ('completed', 'rolled_back', 'failed')) = (finished_at is not null)),
        check ((lease_owner is null) = (lease_until is null)),
        check (finished_at is null or (lease_owner is null and next_attempt_at is null))
      ) with (fillfactor = 70);
      -- The tag by which a saga knows its droplet holds these eight characters: no two sagas share them.
      create unique index saga_runs_tag on saga_runs (left(id::text, 8));
      create unique index saga_runs_idempotency on saga_runs (starter_tenant_id, kind, idempotency_key)
        where idempotency_key is not null;
      create index saga_runs_unfinished on saga_runs (number) where finished_at is null;
      create index saga_runs_status on saga_runs (status, number) where status <> 'completed';
      create index saga_runs_deployment on saga_runs (deployment_id, number) where deployment_id is not null;
      create index saga_runs_tenant on saga_runs (tenant_id, number) where tenant_id is not null;

      create table saga_step_results (
        saga_id uuid not null references saga_runs (id),
        index int not null check (index >= 0),
        name text not null,
        version int not null,
        status text not null check (status in ('running', 'completed', 'failed', 'compensating', 'compensated',
          'compensation_failed')),
        attempts int not null check (attempts >= 1),
        asks int not null default 0 check (asks >= 0),
        output jsonb,
        -- What the step noted for itself before it acted.
        kept jsonb not null default '{}',
        message text,
        error text,
        started_at timestamptz not null,
        finished_at timestamptz,
        primary key (saga_id, index)
      ) with (fillfactor = 70);

      create table saga_events (
        saga_id uuid not null references saga_runs (id),
        sequence int not null check (sequence >= 1),
        id bigint not null default nextval('live_event_id'),
        xid xid8 not null default pg_current_xact_id(),
        type text not null check (type in ('started', 'resumed', 'step_started', 'step_progress', 'step_completed',
          'step_failed', 'cancel_requested', 'compensation_started', 'step_compensated', 'step_compensation_failed',
          'completed', 'rolled_back', 'failed')),
        at timestamptz not null,
        step_index int,
        step_name text,
        message text,
        status text not null,
        primary key (saga_id, sequence)
      );
      create index saga_events_stream on saga_events (xid, id);

      -- What was asked for of a resource that a saga made.
      create table cloud_provisioned (
        id uuid primary key default gen_random_uuid(),
        resource_id uuid not null unique references cloud_resources (id),
        spec jsonb not null check (jsonb_typeof(spec) = 'object'),
        spec_version int not null default 1 check (spec_version >= 1),
        saga_id uuid references saga_runs (id),
        created_at timestamptz not null,
        updated_at timestamptz not null
      );

      create table cloud_drift (
        id uuid primary key default gen_random_uuid(),
        number bigint generated always as identity unique,
        resource_id uuid not null references cloud_resources (id),
        field text not null,
        expected jsonb,
        actual jsonb,
        status text not null check (status in ('open', 'accepted', 'reverted', 'stale')),
        detected_at timestamptz not null,
        resolved_at timestamptz,
        resolved_by text,
        -- The saga that last set out to put it back.
        saga_id uuid references saga_runs (id),
        check ((status = 'open') = (resolved_at is null))
      );
      create unique index cloud_drift_open on cloud_drift (resource_id, field) where status = 'open';
      create index cloud_drift_status on cloud_drift (status, number);
      create index cloud_drift_resource on cloud_drift (resource_id, number);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
