import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An overage line keeps the days whose usage it priced and the days on which its price held. Lines from before get them from
 * the price list as it is now, issued ones too: what they bill does not change.
 */
export class FrozenLinePrices1763600001500 implements MigrationInterface {
  name = 'FrozenLinePrices1763600001500';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table invoice_lines disable trigger never_updated;

      with price as (
        select id::text, lead(effective_from) over (partition by kind, currency order by effective_from) as until from resource_prices
      ), priced as (
        select line.id, invoice.period, line.meta -> 'priceSource' as source,
          (line.meta #>> '{priceSource,effectiveFrom}')::date as since, price.until
        from invoice_lines line join invoices invoice on invoice.id = line.invoice_id
        left join price on price.id = line.meta #>> '{priceSource,resourcePriceId}'
        where line.kind = 'overage' and line.meta ? 'priceSource'
      )
      update invoice_lines line set meta = line.meta || jsonb_build_object(
        'usageDays', jsonb_build_array(jsonb_build_object(
          'from', greatest(priced.since, priced.period),
          'to', least(priced.until - 1, (priced.period + interval '1 month')::date - 1))),
        'priceSource', case when priced.source ->> 'source' = 'resource_price'
          then priced.source || jsonb_build_object('effectiveTo', priced.until) else priced.source end)
      from priced where priced.id = line.id;

      alter table invoice_lines enable trigger never_updated;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
