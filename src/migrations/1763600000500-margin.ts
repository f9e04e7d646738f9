import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Margin1763600000500 implements MigrationInterface {
  name = 'Margin1763600000500';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- One unit of base is so many of quote, from that day until a later rate of the pair. What it was before an operator
      -- replaced it stands in audit_entries.
      create table fx_rates (
        base text not null check (base in ('AUD', 'USD')),
        quote text not null check (quote in ('AUD', 'USD')),
        effective_from date not null,
        rate numeric not null check (rate > 0),
        primary key (base, quote, effective_from),
        check (base <> quote)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
