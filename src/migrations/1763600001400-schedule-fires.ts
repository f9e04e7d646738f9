import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When each schedule last ran: the queue's own store may lose everything. */
export class ScheduleFires1763600001400 implements MigrationInterface {
  name = 'ScheduleFires1763600001400';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table schedule_fires (
        schedule_id text not null constraint schedule_fires_pkey primary key,
        fired_at timestamptz not null
      )
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
