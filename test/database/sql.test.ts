import { describe, expect, it } from '@jest/globals';
import { allOf, joinSql, rawSql, shared, sql } from '../../src/database/sql.js';

describe('sql', () => {
  it('numbers the values of nested pieces in the order of the text', () => {
    const condition = sql`kind = ${'droplet'} and size > ${3}`;
    const statement = sql`/* find */ select ${rawSql('id, name')} from t where ${condition} and tenant = ${'acme'} limit ${10}`;
    expect(statement.compile()).toEqual({
      text: '/* find */ select id, name from t where kind = $1 and size > $2 and tenant = $3 limit $4',
      values: ['droplet', 3, 'acme', 10],
    });
  });

  it('compiles to the same text whatever the values are', () => {
    const text = (name: string) => sql`select * from t where name = ${name}`.compile().text;
    expect(text("x' or true --")).toBe(text('y'));
  });

  it('joins pieces, and takes no condition for true', () => {
    expect(joinSql([sql`a = ${1}`, sql`b = ${2}`, rawSql('c')], ', ').compile()).toEqual({
      text: 'a = $1, b = $2, c',
      values: [1, 2],
    });
    expect(joinSql([], ', ').compile()).toEqual({ text: '', values: [] });
    expect(allOf([]).compile()).toEqual({ text: 'true', values: [] });
    expect(allOf([sql`a = ${1}`, sql`b`]).compile().text).toBe('a = $1 and b');
  });

  it('sends a shared value once, wherever it stands', () => {
    const day = shared('2026-05-01');
    const condition = sql`until > ${day}`;
    expect(sql`select ${1} where from <= ${day} and ${condition} and ${sql`kind = ${'droplet'}`}`.compile()).toEqual({
      text: 'select $1 where from <= $2 and until > $2 and kind = $3',
      values: [1, '2026-05-01', 'droplet'],
    });
  });

  it('rejects undefined, which a forgotten field would be', () => {
    const { missing } = {} as { missing?: string };
    expect(() => sql`select ${missing}`).toThrow('SQL value 1 is undefined');
    expect(() => shared(missing)).toThrow('undefined');
  });
});
