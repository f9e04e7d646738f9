import { describe, expect, it } from '@jest/globals';
import { type HistoryEntry, invoiceHeaders } from '../../../src/core/costs/invoice-headers.js';

const entry = (uuid: string | null, date: string, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  type: 'Invoice',
  date,
  description: 'Invoice for April 2026',
  amount: '86.92',
  invoiceUuid: uuid,
  ...more,
});

describe('the headers of invoices', () => {
  it('take the period from the list and the day of issue from the history, oldest first', () => {
    const headers = invoiceHeaders(
      [entry('b', '2026-05-01T06:00:00Z'), entry('a', '2026-04-11T00:00:00Z')],
      [
        { uuid: 'b', period: '2026-04', amount: '86.92' },
        { uuid: 'a', period: '2026-04', amount: '-3.10' },
      ],
    );
    expect(headers).toEqual([
      { providerId: 'a', period: '2026-04-01', totalCents: -310, issuedAt: new Date('2026-04-11T00:00:00Z') },
      { providerId: 'b', period: '2026-04-01', totalCents: 8692, issuedAt: new Date('2026-05-01T06:00:00Z') },
    ]);
  });

  it('leave out what is no invoice: payments, credits, and types of tomorrow', () => {
    const others = ['Payment', 'Credit', 'Reversal', 'Barter'].map((type) =>
      entry(null, '2026-05-01T00:00:00Z', { type }),
    );
    const odd = entry('x', '2026-05-01T00:00:00Z', { type: 'Refund' });
    expect(invoiceHeaders([...others, odd], [])).toEqual([]);
  });

  it('are there for an invoice that only the list has yet: issued as its month ends', () => {
    expect(invoiceHeaders([], [{ uuid: 'a', period: '2025-12', amount: '1234.50' }])).toEqual([
      { providerId: 'a', period: '2025-12-01', totalCents: 123450, issuedAt: new Date('2026-01-01T00:00:00Z') },
    ]);
  });

  it.each([
    ['Invoice for May 2018', '2018-06-01T00:00:00Z', '2018-05-01'],
    ['Invoice for december 2018', '2018-12-20T00:00:00Z', '2018-12-01'],
    ['Rechnung', '2019-01-01T00:00:00Z', '2018-12-01'],
    ['Invoice for Smarch 2018', '2018-03-01T00:00:00Z', '2018-02-01'],
  ])('are there for one that only the history has yet: %s of %s bills %s', (description, date, period) => {
    expect(invoiceHeaders([entry('a', date, { description })], [])).toMatchObject([{ providerId: 'a', period }]);
  });

  it('are none where an amount or a date cannot be read, and it is said', () => {
    expect(() => invoiceHeaders([], [{ uuid: 'a', period: '2025-12', amount: '1e3' }])).toThrow(
      'an invoice\'s amount: "1e3" is not an amount of dollars',
    );
    expect(() => invoiceHeaders([entry('a', 'yesterday')], [])).toThrow(
      'an invoice\'s date: "yesterday" is not a time',
    );
  });
});
