import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Invoices drafted before allowances were prorated granted whole allowances in partial months: that of the plan version in
 * force last and that of every addon, for usage of all days. Their lines of base and addon keep the share that they granted,
 * by which reconciliation compares them. What they bill does not change. Lines whose overage names the plan version of each
 * allowance are prorated already.
 */
export class AllowanceShares1763600002500 implements MigrationInterface {
  name = 'AllowanceShares1763600002500';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table invoice_lines disable trigger never_updated;

      with granting as (
        select line.id, line.kind, row_number() over (partition by line.deployment_id, line.invoice_id, line.kind
          order by line.meta ->> 'lastDay' desc, line.meta ->> 'firstDay' desc, line.meta ->> 'planVersionId' desc) as place
        from invoice_lines line
        where line.kind in ('plan_base', 'addon') and not exists (select from invoice_lines overage
          where overage.invoice_id = line.invoice_id and overage.kind = 'overage'
            and (jsonb_path_exists(overage.meta, '$.allowanceParts[*].planVersionId')
              or jsonb_path_exists(overage.meta, '$.allowanceParts[*].prorationFraction')))
      )
      update invoice_lines line set meta = line.meta
        || jsonb_build_object('allowanceShare', case when granting.kind = 'addon' or granting.place = 1 then 1 else 0 end)
      from granting where granting.id = line.id
        and line.meta ->> 'daysBilled' <> line.meta ->> 'daysInMonth';

      alter table invoice_lines enable trigger never_updated;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
