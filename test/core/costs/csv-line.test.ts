import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type CostColumns, readCostHeader } from '../../../src/core/costs/csv-header.js';
import { type CostLineDraft, type CostLineError, readCostLine } from '../../../src/core/costs/csv-line.js';
import { parseProviderTime } from '../../../src/core/costs/provider-time.js';

const HEADER = 'product,group_description,description,hours,start,end,USD,project_name,category';
const NAMES = HEADER.split(',');

function columnsOf(header: readonly string[]): CostColumns {
  const columns = readCostHeader(header);
  if ('error' in columns) throw new Error(columns.error);
  return columns;
}

/** As an ingest reads a file: the first record is the header, lines are counted from 1. */
function readCsv(text: string): (CostLineDraft | CostLineError)[] {
  const [header = [], ...records] = parse(text, { bom: true }) as string[][];
  const columns = columnsOf(header);
  return records.map((record, i) => readCostLine(columns, record, i + 1));
}

describe('the header', () => {
  it('finds columns by name, in any order and case, with spaces or underscores, behind a byte order mark', () => {
    const header = [
      '\uFEFFUsd',
      'Project Name',
      'END',
      'start',
      'tags',
      'DESCRIPTION',
      'hours',
      'Group  description',
      ' product ',
    ];
    expect(readCostHeader(header)).toEqual({
      cellCount: 9,
      at: {
        amount: 0,
        projectName: 1,
        end: 2,
        start: 3,
        description: 5,
        hours: 6,
        groupDescription: 7,
        product: 8,
        category: null,
      },
    });
  });

  it.each([
    [HEADER.replace('USD', 'EUR'), 'the header lacks the column USD'],
    ['product,hours', 'the header lacks the columns description, start, end, USD'],
    ['', 'the header lacks the columns product, description, start, end, USD'],
    [`${HEADER},Project Name`, 'the header has the column project_name twice'],
  ])('%j is refused', (header, error) => {
    expect(readCostHeader(header.split(','))).toEqual({ error });
  });

  it('leaves columns alone that it does not know, even twice or without a name', () => {
    expect(readCostHeader([...NAMES, '', '', 'tags', 'tags'])).toMatchObject({ cellCount: 13 });
  });
});

/** Rows that were seen in public (facts.md §14), word for word. */
const SEEN: readonly (readonly [row: string, line: Omit<CostLineDraft, 'lineNumber'>])[] = [
  [
    'Floating IPs,,Unused Floating IP - 1.1.1.1,100,2020-07-01 00:00:00 +0000,2020-07-22 18:14:39 +0000,$3.11,,iaas',
    {
      product: 'Floating IPs',
      groupDescription: null,
      description: 'Unused Floating IP - 1.1.1.1',
      hours: '100',
      startsAt: new Date('2020-07-01T00:00:00Z'),
      endsAt: new Date('2020-07-22T18:14:39Z'),
      amountCents: 311,
      projectName: null,
      category: 'iaas',
    },
  ],
  [
    'Taxes,,STATE SALES TAX (6.25%),,2020-07-01 00:00:00 +0000,2020-07-31 23:59:59 +0000,$0.16,,iaas',
    {
      product: 'Taxes',
      groupDescription: null,
      description: 'STATE SALES TAX (6.25%)',
      hours: null,
      startsAt: new Date('2020-07-01T00:00:00Z'),
      endsAt: new Date('2020-07-31T23:59:59Z'),
      amountCents: 16,
      projectName: null,
      category: 'iaas',
    },
  ],
  [
    'Volumes,,volume-sfo2-01 (sfo2) 100GB,744,2019-01-01 00:00:00 +0000,2019-01-31 23:59:59 +0000,$10.00,,',
    {
      product: 'Volumes',
      groupDescription: null,
      description: 'volume-sfo2-01 (sfo2) 100GB',
      hours: '744',
      startsAt: new Date('2019-01-01T00:00:00Z'),
      endsAt: new Date('2019-01-31T23:59:59Z'),
      amountCents: 1000,
      projectName: null,
      category: null,
    },
  ],
  [
    'Droplets,,eth (s-4vcpu-8gb),744,2019-01-01 00:00:00 +0000,2019-02-01 00:00:00 +0000,$40.00,,',
    {
      product: 'Droplets',
      groupDescription: null,
      description: 'eth (s-4vcpu-8gb)',
      hours: '744',
      startsAt: new Date('2019-01-01T00:00:00Z'),
      endsAt: new Date('2019-02-01T00:00:00Z'),
      amountCents: 4000,
      projectName: null,
      category: null,
    },
  ],
  [
    'Droplets,,indra (s-2vcpu-4gb),446,2019-01-13 09:39:51 +0000,2019-02-01 00:00:00 +0000,$13.27,,',
    {
      product: 'Droplets',
      groupDescription: null,
      description: 'indra (s-2vcpu-4gb)',
      hours: '446',
      startsAt: new Date('2019-01-13T09:39:51Z'),
      endsAt: new Date('2019-02-01T00:00:00Z'),
      amountCents: 1327,
      projectName: null,
      category: null,
    },
  ],
];

describe('a line', () => {
  it.each(SEEN)('reads the row %j', (row, line) => {
    expect(readCsv(`${HEADER}\n${row}\n`)).toEqual([{ lineNumber: 1, ...line }]);
  });

  it('reads an invoice from before there were categories', () => {
    const [line] = readCsv(
      `${HEADER.replace(',category', '')}\nDroplets,,eth (s),744,2019-01-01 00:00:00 +0000,2019-02-01 00:00:00 +0000,$40.00,\n`,
    );
    expect(line).toMatchObject({ amountCents: 4000, category: null });
  });

  it('honours a quoted comma, a quoted quote, a credit, fractional hours and an offset', () => {
    const [line] = readCsv(
      `${HEADER}\r\nCredits,"a, ""b""","x, y (z)",0.37,2026-04-01 10:00:00 +1000,2026-03-31 23:30:00 -0030,"($1,234.56)",,\r\n`,
    );
    expect(line).toEqual({
      lineNumber: 1,
      product: 'Credits',
      groupDescription: 'a, "b"',
      description: 'x, y (z)',
      hours: '0.37',
      startsAt: new Date('2026-04-01T00:00:00Z'),
      endsAt: new Date('2026-04-01T00:00:00Z'),
      amountCents: -123_456,
      projectName: null,
      category: null,
    });
  });

  const GOOD = [
    'Droplets',
    '',
    'a (b)',
    '1',
    '2026-04-01 00:00:00 +0000',
    '2026-05-01 00:00:00 +0000',
    '$1.00',
    '',
    '',
  ];
  it.each([
    ['an amount that is none', 6, 'free', 'USD: "free" is not an amount of dollars'],
    ['no amount', 6, '', 'USD: "" is not an amount of dollars'],
    [
      'a start that is no time',
      4,
      '2026-04-01T00:00:00Z',
      'start: "2026-04-01T00:00:00Z" is not a time as 2026-04-01 00:00:00 +0000',
    ],
    ['a day that does not exist', 5, '2026-02-29 00:00:00 +0000', 'end: there is no time "2026-02-29 00:00:00 +0000"'],
    ['hours that are no number', 3, '1e3', 'hours: "1e3" is not a number'],
    ['a character that cannot be stored', 2, 'a\0b', 'it holds a NUL character'],
  ])('with %s is refused with its number and the reason', (_, position, cell, reason) => {
    expect(readCostLine(columnsOf(NAMES), GOOD.with(position, cell), 17)).toEqual({
      error: { lineNumber: 17, reason },
    });
  });

  it.each([8, 10])('of %d cells under nine columns is refused', (count) => {
    const record = [...GOOD, ''].slice(0, count);
    expect(readCostLine(columnsOf(NAMES), record, 2)).toEqual({
      error: { lineNumber: 2, reason: `it has ${count} cells where the header has 9` },
    });
  });

  it('may leave its times and hours empty', () => {
    const record = GOOD.with(3, '').with(4, '').with(5, '');
    expect(readCostLine(columnsOf(NAMES), record, 1)).toMatchObject({ hours: null, startsAt: null, endsAt: null });
  });
});

describe('a time', () => {
  it.each([
    ['2024-02-29 23:59:59 +0000', '2024-02-29T23:59:59.000Z'],
    ['2026-01-01 00:00:00 +1030', '2025-12-31T13:30:00.000Z'],
    ['2025-12-31 20:00:00 -05:00', '2026-01-01T01:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseProviderTime(text)).toEqual({ at: new Date(iso) });
  });

  it.each([
    '2026-13-01 00:00:00 +0000',
    '2026-00-10 00:00:00 +0000',
    '2026-04-31 00:00:00 +0000',
    '2026-04-00 00:00:00 +0000',
    '2025-02-29 00:00:00 +0000',
    '2026-04-01 24:00:00 +0000',
    '2026-04-01 00:60:00 +0000',
    '2026-04-01 00:00:60 +0000',
    '2026-04-01 00:00:00 +0060',
    '2026-04-01 00:00:00 +2400',
    '0026-04-01 00:00:00 +0000',
  ])('there is no %s', (text) => {
    expect(parseProviderTime(text)).toEqual({ error: `there is no time "${text}"` });
  });

  it.each(['', '2026-04-01', '2026-04-01 00:00:00', '01/04/2026 00:00:00 +0000', '2026-04-01 00:00:00 UTC'])(
    '%j is refused',
    (text) => {
      expect(parseProviderTime(text)).toEqual({
        error: `${JSON.stringify(text)} is not a time as 2026-04-01 00:00:00 +0000`,
      });
    },
  );

  it('gives back every second that is printed in its form', () => {
    const second = fc.integer({ min: Date.UTC(2000, 0) / 1000, max: Date.UTC(2100, 0) / 1000 });
    fc.assert(
      fc.property(second, (seconds) => {
        const at = new Date(seconds * 1000);
        const iso = at.toISOString();
        expect(parseProviderTime(`${iso.slice(0, 10)} ${iso.slice(11, 19)} +0000`)).toEqual({ at });
      }),
    );
  });
});

describe('whatever the layout of the file', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '1', ' ', ',', '"', '\n', '\r', '(', ')', 'é', '\uFEFF') });
  const aLine = fc.record({
    product: text,
    group_description: text,
    description: text,
    hours: fc.option(fc.integer({ min: 0, max: 744 }).map(String), { nil: '' }),
    cents: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    project_name: text,
  });
  const layout = fc.record({
    lines: fc.array(aLine, { maxLength: 5 }),
    order: fc.shuffledSubarray(NAMES, { minLength: NAMES.length }),
    separator: fc.constantFrom(' ', '_'),
    isUpper: fc.boolean(),
    hasBom: fc.boolean(),
    newline: fc.constantFrom('\n', '\r\n'),
    isQuoted: fc.boolean(),
  });
  const isoTime = '2026-04-01 00:00:00 +0000';

  it('the same lines come out', () => {
    fc.assert(
      fc.property(layout, ({ lines, order, separator, isUpper, hasBom, newline, isQuoted }) => {
        const print = (cell: string) =>
          isQuoted || /[",\r\n\uFEFF]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
        const header = order.map((name) => (isUpper ? name.toUpperCase() : name).replaceAll('_', separator));
        const rows = lines.map(({ cents, ...rest }) => {
          const digits = String(Math.abs(cents)).padStart(3, '0');
          const cells: Record<string, string> = {
            ...rest,
            start: isoTime,
            end: isoTime,
            category: 'iaas',
            USD: `${cents < 0 ? '-' : ''}$${digits.slice(0, -2)}.${digits.slice(-2)}`,
          };
          return order.map((name) => cells[name] as string);
        });
        const csv = [header, ...rows].map((cells) => `${cells.map(print).join(',')}${newline}`).join('');
        const at = new Date('2026-04-01T00:00:00Z');
        expect(readCsv(`${hasBom ? '\uFEFF' : ''}${csv}`)).toEqual(
          lines.map((line, i) => ({
            lineNumber: i + 1,
            product: line.product.trim(),
            groupDescription: line.group_description.trim() || null,
            description: line.description.trim(),
            hours: line.hours || null,
            startsAt: at,
            endsAt: at,
            amountCents: line.cents,
            projectName: line.project_name.trim() || null,
            category: 'iaas',
          })),
        );
      }),
      { numRuns: 300 },
    );
  });
});
