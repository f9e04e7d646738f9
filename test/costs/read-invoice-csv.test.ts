import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CostLineDraft } from '../../src/core/costs/csv-line.js';
import { InvoiceCsvError, readInvoiceCsv } from '../../src/services/costs/read-invoice-csv.js';

const HEADER = [
  'product',
  'group_description',
  'description',
  'hours',
  'start',
  'end',
  'USD',
  'project_name',
  'category',
];

/** Any cut, in the middle of a character too. */
function inPieces(bytes: Buffer, cuts: readonly number[]): Readable {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return Readable.from(at.slice(1).map((end, index) => bytes.subarray(at[index], end)));
}

async function read(stream: Readable): Promise<CostLineDraft[]> {
  const lines: CostLineDraft[] = [];
  for await (const some of readInvoiceCsv(stream)) lines.push(...some);
  return lines;
}

describe('a CSV as it streams in', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'Z', '7', ' ', ',', '"', '\n', '\t', '\\', '(', 'é', '€', '𝄞') });
  const aRow = fc.record({ product: text, description: text, cents: fc.integer({ min: -9_999_999, max: 9_999_999 }) });
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const dollars = (cents: number) =>
    `${cents < 0 ? '-' : ''}$${(Math.floor(Math.abs(cents) / 100)).toLocaleString('en')}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;

  it('gives the same lines wherever it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(aRow, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        async (rows, cuts, hasBom, newline) => {
          const records = rows.map(({ product, description, cents }) =>
            [product, '', description, '', '', '', dollars(cents), '', ''].map(quoted).join(','),
          );
          const csv = Buffer.from((hasBom ? '\uFEFF' : '') + [HEADER.join(','), ...records, ''].join(newline));
          const lines = await read(inPieces(csv, cuts));
          expect(lines.map((line) => [line.lineNumber, line.product, line.description, line.amountCents])).toEqual(
            rows.map((row, index) => [index + 1, row.product.trim(), row.description.trim(), row.cents]),
          );
        },
      ),
    );
  });

  it('never gives a line of its own making: random bytes are lines, or are refused with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, hasHeader) => {
        const csv = Buffer.concat([Buffer.from(hasHeader ? `${HEADER.join(',')}\n` : ''), bytes]);
        const rejection = await read(Readable.from([csv])).then(
          () => null,
          (error: unknown) => error,
        );
        if (rejection === null) return;
        expect(rejection).toBeInstanceOf(InvoiceCsvError);
        expect((rejection as Error).message).toMatch(
          /^(Line \d+ \(row \d+ of the CSV\)|Row 1 of the CSV|The CSV is) ?.*\.$/s,
        );
      }),
    );
  });

  it('passes on what breaks the stream, and lets go of it', async () => {
    const broken = new Error('the answer broke off');
    const stream = Readable.from(
      (function* () {
        yield Buffer.from(`${HEADER.join(',')}\nDroplets,,x (s),,,,$1.00,,\n`);
        throw broken;
      })(),
    );
    await expect(read(stream)).rejects.toBe(broken);
    expect(stream.destroyed).toBe(true);
  });

  it('lets go of a stream without end where its reader stops', async () => {
    const stream = Readable.from(
      (function* () {
        yield Buffer.from(`${HEADER.join(',')}\n`);
        for (;;) yield Buffer.from('Droplets,,x (s),,,,$1.00,,\n');
      })(),
    );
    for await (const lines of readInvoiceCsv(stream)) {
      expect(lines.length).toBeGreaterThan(0);
      break;
    }
    expect(stream.destroyed).toBe(true);
  });
});
