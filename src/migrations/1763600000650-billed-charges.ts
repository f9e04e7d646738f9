import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A charge that an issued invoice bills stays as it is and stays with it: else it could be billed twice. */
export class BilledCharges1763600000650 implements MigrationInterface {
  name = 'BilledCharges1763600000650';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create function keep_billed_charges() returns trigger language plpgsql as $$
      begin
        if exists (select from invoices where id = old.invoice_id and status <> 'draft') then
          raise exception 'charge % is on an issued invoice and cannot change', old.gateway_request_id;
        end if;
        return coalesce(new, old);
      end $$;
      create trigger keep_billed before update or delete on llm_usage_events
        for each row when (old.invoice_id is not null) execute function keep_billed_charges();
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
