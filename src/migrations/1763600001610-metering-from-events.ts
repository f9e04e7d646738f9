import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A day is metered from the event log: a resource that moves within a day has a record for each deployment that it had. */
export class MeteringFromEvents1763600001610 implements MigrationInterface {
  name = 'MeteringFromEvents1763600001610';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table usage_records drop constraint usage_records_pkey,
        add primary key (kind, granularity, period_start, resource_id, deployment_id);
      -- The changes that metering looks at: whose a resource is, whether it runs, its size, its end.
      create index cloud_resource_events_metering on cloud_resource_events (at)
        where type in ('deleted', 'restored') or changes ?| array['deploymentId', 'status', 'attrs.size_gigabytes'];
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
