import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A tenant with plans in two currencies gets an invoice in each: one a tenant, period and currency. */
export class InvoiceCurrencies1763600001600 implements MigrationInterface {
  name = 'InvoiceCurrencies1763600001600';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table invoices add constraint invoices_tenant_id_period_currency_key unique (tenant_id, period, currency);
      alter table invoices drop constraint invoices_tenant_id_period_key;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
