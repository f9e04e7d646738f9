import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditRejections1763600001210 implements MigrationInterface {
  name = 'AuditRejections1763600001210';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Rejected calls by the hour; audit_entries keeps the first few of each.
      create table audit_rejections (
        hour timestamptz not null,
        subject text not null,
        tenant_id text not null,
        mutation text not null,
        outcome text not null,
        count int not null check (count > 0),
        last_at timestamptz not null,
        primary key (hour, subject, tenant_id, mutation, outcome)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
