import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type CostColumns, readCostHeader } from '../../core/costs/csv-header.js';
import { type CostLineDraft, readCostLine } from '../../core/costs/csv-line.js';
import { storableText } from '../../core/text/storable-text.js';

/** The CSV is not what an invoice's should be. The message is for an operator: which line, and what is wrong with it. */
export class InvoiceCsvError extends Error {
  override readonly name = 'InvoiceCsvError';
}

/** A quote that is never closed would otherwise take the whole rest of the stream into one cell. */
const MAX_RECORD_LENGTH = 1_000_000;

/**
 * The lines of an invoice's CSV, as many at a time as have arrived. They count from 1, the header apart. Throws
 * InvoiceCsvError at the first that is wrong, and what the stream itself throws.
 */
export async function* readInvoiceCsv(bytes: Readable): AsyncGenerator<CostLineDraft[]> {
  let columns: CostColumns | null = null;
  let lineNumber = 0;
  for await (const records of recordsOf(bytes)) {
    const drafts: CostLineDraft[] = [];
    for (const record of records) {
      if (columns === null) {
        columns = readHeader(record);
        continue;
      }
      const line = readCostLine(columns, record, ++lineNumber);
      if ('error' in line) throw rejection(lineNumber, line.error.reason);
      drafts.push(line);
    }
    if (drafts.length > 0) yield drafts;
  }
  if (columns === null) throw new InvoiceCsvError('The CSV is empty: it has not even a header.');
}

function readHeader(record: readonly string[]): CostColumns {
  const columns = readCostHeader(record);
  if ('error' in columns) throw new InvoiceCsvError(`Row 1 of the CSV: ${columns.error}.`);
  return columns;
}

function rejection(lineNumber: number, reason: string): InvoiceCsvError {
  return new InvoiceCsvError(`Line ${lineNumber} (row ${lineNumber + 1} of the CSV): ${reason}.`);
}

/** Whatever the parser has ready, at once: a promise a record would cost more than the record. */
async function* recordsOf(bytes: Readable): AsyncGenerator<string[][]> {
  const parser = parse({
    bom: true,
    max_record_size: MAX_RECORD_LENGTH,
    relax_column_count: true, // a line's own error says more
    skip_empty_lines: true,
  });
  let failure: Error | null = null;
  let wake = () => {};
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  bytes.on('error', fail);
  parser.on('error', fail);
  parser.on('readable', () => wake());
  parser.on('end', () => wake());
  let hasZeros = false;
  bytes.on('data', (chunk: Buffer) => {
    hasZeros ||= chunk.includes(0);
  });
  bytes.pipe(parser);
  try {
    for (;;) {
      if (failure) throw said(failure);
      const records: string[][] = [];
      for (let record = parser.read(); record !== null; record = parser.read()) records.push(record as string[]);
      if (records.length > 0) yield hasZeros ? records.map((record) => record.map(storableText)) : records;
      else if (parser.readableEnded) return;
      else if (!failure) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    bytes.destroy();
    parser.destroy();
  }
}

function said(failure: Error): Error {
  return failure instanceof CsvError ? new InvoiceCsvError(`The CSV is malformed: ${failure.message}.`) : failure;
}
