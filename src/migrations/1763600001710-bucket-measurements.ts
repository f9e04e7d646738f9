import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the objects of each bucket have been summed: a sum that one run does not finish goes on in the next. */
export class BucketMeasurements1763600001710 implements MigrationInterface {
  name = 'BucketMeasurements1763600001710';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table bucket_measurements (
        region text not null,
        bucket text not null,
        -- The last key of the sum under way; null: none is.
        after_key text,
        objects bigint not null default 0 check (objects >= 0),
        bytes numeric not null default 0 check (bytes >= 0),
        -- When a sum was last finished.
        measured_at timestamptz,
        primary key (region, bucket)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
