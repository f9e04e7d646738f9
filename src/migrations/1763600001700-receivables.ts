import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What finance has of each invoice to a tenant. A trigger notes the status that it is owed in the transaction that sets it,
 * so that no way of issuing, settling or voiding can forget it. Drafts and invoices without a number are not owed.
 */
export class Receivables1763600001700 implements MigrationInterface {
  name = 'Receivables1763600001700';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table receivable_pushes (
        invoice_id uuid primary key references invoices (id),
        owed_status text not null check (owed_status in ('issued', 'paid', 'void')),
        -- The status that finance has; a push is owed while it is not the other.
        pushed_status text check (pushed_status in ('issued', 'paid', 'void')),
        finance_invoice_id text,
        pushed_at timestamptz,
        attempts int not null default 0,
        next_attempt_at timestamptz,
        error text,
        lease_until timestamptz,
        check ((pushed_status is null) = (finance_invoice_id is null)),
        check ((pushed_status is null) = (pushed_at is null))
      );
      create index receivable_pushes_owed on receivable_pushes (next_attempt_at nulls first, invoice_id)
        where pushed_status is distinct from owed_status;

      create function owe_receivable() returns trigger language plpgsql as $$
      begin
        insert into receivable_pushes (invoice_id, owed_status) values (new.id, new.status)
        on conflict (invoice_id) do update set owed_status = excluded.owed_status, next_attempt_at = null, attempts = 0
          where receivable_pushes.owed_status <> excluded.owed_status;
        return null;
      end $$;
      create trigger owe_receivable after insert or update of status, number on invoices
        for each row when (new.status <> 'draft' and new.number is not null) execute function owe_receivable();

      insert into receivable_pushes (invoice_id, owed_status)
      select id, status from invoices where status <> 'draft' and number is not null;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
