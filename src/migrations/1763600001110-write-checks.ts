import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row that readiness writes now and then: a database that cannot be written to is not ready. */
export class WriteChecks1763600001110 implements MigrationInterface {
  name = 'WriteChecks1763600001110';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table write_checks (
        id smallint primary key default 1 check (id = 1),
        at timestamptz not null default now()
      )
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
