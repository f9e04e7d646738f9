import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { createDataSource } from '../../src/database/data-source.js';
import { query } from '../../src/database/queries.js';
import { rowOf, rowShape, rowWith } from '../../src/database/row-shape.js';
import { sql } from '../../src/database/sql.js';
import { FxRate } from '../../src/entities/fx-rate.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await createDataSource({ url: database.url, checkRows: true }).initialize();
});
beforeEach(() => db.query('truncate fx_rates'));
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const Rate = rowOf(FxRate, ['base', 'quote', 'effectiveFrom', 'rate']);
const insert = (day: string) => sql`/* insert-rate */
  insert into fx_rates (base, quote, effective_from, rate) values ('USD', 'AUD', ${day}::date, 1.5)`;

describe('query', () => {
  it('reads an entity by its own columns, with days and exact numbers as texts', async () => {
    expect(await query(db).execute(insert('2026-04-01'))).toBe(1);
    const rates = sql`/* list-rates */ select ${Rate.columns('rate')} from fx_rates rate`;
    expect(await query(db).many(Rate, rates)).toEqual([
      { base: 'USD', quote: 'AUD', effectiveFrom: '2026-04-01', rate: '1.5' },
    ]);
  });

  it('answers what an update returns, and how many rows it wrote', async () => {
    await query(db).execute(insert('2026-04-01'));
    await query(db).execute(insert('2026-04-02'));
    const Day = rowOf(FxRate, ['effectiveFrom']);
    const update = sql`/* set-rates */ update fx_rates rate set rate = 2 where effective_from = ${'2026-04-02'}::date
      returning ${Day.columns('rate')}`;
    expect(await query(db).many(Day, update)).toEqual([{ effectiveFrom: '2026-04-02' }]);
    expect(await query(db).execute(sql`/* set-all */ update fx_rates set rate = 3`)).toBe(2);
  });

  it('runs within the transaction that it is given', async () => {
    const failed = db.transaction(async (transaction) => {
      await query(transaction).execute(insert('2026-04-01'));
      throw new Error('roll back');
    });
    await expect(failed).rejects.toThrow('roll back');
    const Count = rowShape({ count: z.int() });
    const count = sql`/* count-rates */ select count(*)::int as count from fx_rates`;
    expect(await query(db).one(Count, count)).toEqual({ count: 0 });
  });

  it('rejects no row where one must be, and two where one may be', async () => {
    const all = sql`/* list-rates */ select ${Rate.columns('rate')} from fx_rates rate`;
    expect(await query(db).maybeOne(Rate, all)).toBeNull();
    await expect(query(db).one(Rate, all)).rejects.toThrow('expected one row, got none');
    await query(db).execute(insert('2026-04-01'));
    await query(db).execute(insert('2026-04-02'));
    await expect(query(db).maybeOne(Rate, all)).rejects.toThrow('expected at most one row, got 2');
  });

  it('rejects rows that are not of their shape, and statements without a name', async () => {
    const Wrong = rowWith(Rate, { more: z.string() });
    await query(db).execute(insert('2026-04-01'));
    const rates = sql`/* list-rates */ select ${Rate.columns('rate')} from fx_rates rate`;
    await expect(query(db).many(Wrong, rates)).rejects.toThrow('A row is not of its shape');
    const extra = sql`/* list-rates */ select ${Rate.columns('rate')}, 1 as more from fx_rates rate`;
    await expect(query(db).many(Rate, extra)).rejects.toThrow('A row is not of its shape');
    await expect(query(db).many(Rate, sql`select ${Rate.columns('rate')} from fx_rates rate`)).rejects.toThrow(
      'Start the statement with its name',
    );
  });
});
