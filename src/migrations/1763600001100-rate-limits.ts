import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Requests by subject and minute, counted by every process. The columns are those of rate-limiter-flexible. Unlogged: a
 * crash of the server forgets a minute's counts, and counting waits for no disk.
 */
export class RateLimits1763600001100 implements MigrationInterface {
  name = 'RateLimits1763600001100';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create unlogged table rate_limits (
        key varchar(255) primary key,
        points integer not null default 0,
        expire bigint
      )
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
