import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a step stores for later attempts is its notes; how often it looked at something under way is its polls. */
export class SagaStepNotes1763600002000 implements MigrationInterface {
  name = 'SagaStepNotes1763600002000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table saga_step_results rename column kept to notes;
      alter table saga_step_results rename column asks to polls;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
