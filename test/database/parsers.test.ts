import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { parsedTypes, parseTextArray, parseTimestamp, printTimestamp } from '../../src/database/parsers.js';
import { createTestDatabase } from '../support/database.js';

const theirs = (oid: number) => pg.types.getTypeParser(oid as never, 'text') as (text: string) => unknown;

describe('the parsers of reads', () => {
  it.each([
    '2026-04-01 00:00:00+00',
    '2026-04-01 00:00:00.1+00',
    '2026-04-01 00:00:00.12+00',
    '2026-04-01 00:00:00.123+00',
    '2026-04-01 23:59:59.123999+00',
    '2026-04-01 10:00:00+10',
    '2026-04-01 10:00:00+09:30',
    '0099-04-01 00:00:00+00',
    '10000-04-01 00:00:00+00',
    '0044-03-15 00:00:00+00 BC',
    'infinity',
    '-infinity',
  ])('read the instant %s as pg does', (text) => {
    expect(parseTimestamp(text)).toEqual(theirs(1184)(text));
    if (!text.includes('infinity')) expect(printTimestamp(text)).toBe((theirs(1184)(text) as Date).toISOString());
  });

  it.each(['{}', '{a}', '{a,b}', '{NULL,a}', '{"NULL"}', '{"a,b",c}', '{"a\\"b"}', '{{a},{b}}', '[2:3]={a,b}', '{""}'])(
    'read the list %s as pg does',
    (text) => {
      expect(parseTextArray(text)).toEqual(theirs(1009)(text));
    },
  );

  it('read what Postgres prints as it was written', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url, types: parsedTypes });
    await client.connect();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))),
        fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        async (texts, instant) => {
          const { rows } = await client.query('select $1::text[] as texts, $2::timestamptz as instant', [
            texts,
            instant,
          ]);
          expect(rows).toEqual([{ texts, instant }]);
        },
      ),
      { numRuns: 200 },
    );
    await client.end();
    await database.drop();
  });
});
