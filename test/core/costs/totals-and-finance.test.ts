import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { financePayload } from '../../../src/core/costs/finance-payload.js';
import { addToTotals, NO_LINES, totalDifference } from '../../../src/core/costs/ingest-totals.js';
import { parsePeriod } from '../../../src/core/time/period.js';
import { aDraft } from './builders.js';

const gst = { product: 'Taxes', description: 'GST (10.00%)' };

describe('the lines of an invoice', () => {
  it('are summed page by page, credits and all, the tax apart', () => {
    const pages = [
      [aDraft({ amountCents: 1500 }), aDraft({ amountCents: 0 })],
      [aDraft({ product: 'Credits', amountCents: -500 }), aDraft({ ...gst, amountCents: 100 })],
    ];
    expect(pages.reduce(addToTotals, NO_LINES)).toEqual({ lineCount: 4, totalCents: 1100, taxCents: 100 });
  });

  it.each([
    [33, 8692, 8692, null],
    [33, 8692, 8700, 'The invoice states USD 87.00, but its 33 lines come to USD 86.92: USD 0.08 less.'],
    [33, 8692, 0, 'The invoice states USD 0.00, but its 33 lines come to USD 86.92: USD 86.92 more.'],
    [1, -6108, 6108, 'The invoice states USD 61.08, but its one line is USD -61.08: USD 122.16 less.'],
    [0, 0, 1, 'The invoice states USD 0.01, but its 0 lines come to USD 0.00: USD 0.01 less.'],
  ])('%d of %d cents against %d stated: %s', (lineCount, totalCents, stated, message) => {
    expect(totalDifference({ lineCount, totalCents, taxCents: 0 }, stated)).toBe(message);
  });

  it('beyond exact integers are refused', () => {
    const line = aDraft({ amountCents: Number.MAX_SAFE_INTEGER });
    expect(() => addToTotals(NO_LINES, [line, line])).toThrow(RangeError);
  });
});

describe('what finance is sent', () => {
  const invoice = {
    providerId: '22737513-0ea7-4206-8ceb-98a575af7681',
    period: parsePeriod('2026-04-01'),
    issuedAt: new Date('2026-05-01T00:00:00Z'),
  };

  it('names the invoice, its amounts and its lines in their order', () => {
    const lines = [
      aDraft({ lineNumber: 2, ...gst, amountCents: 60 }),
      aDraft({ lineNumber: 1, amountCents: 600 }),
      aDraft({ lineNumber: 3, product: 'Credits', description: '', amountCents: -100 }),
    ];
    expect(financePayload(invoice, lines)).toEqual({
      source: 'digitalocean',
      external_id: '22737513-0ea7-4206-8ceb-98a575af7681',
      vendor: { name: 'DigitalOcean', category: 'cloud' },
      period: '2026-04',
      issued_date: '2026-05-01',
      currency: 'USD',
      amount_net_minor: 500,
      amount_tax_minor: 60,
      amount_gross_minor: 560,
      lines: [
        { line_number: 1, description: 'web-1 (s-1vcpu-1gb)', amount_minor: 600, is_tax: false },
        { line_number: 2, description: 'GST (10.00%)', amount_minor: 60, is_tax: true },
        { line_number: 3, description: 'Credits', amount_minor: -100, is_tax: false },
      ],
    });
  });

  it('adds up: net and tax are gross, and so are the lines, in whatever order they come', () => {
    const line = fc.record({
      lineNumber: fc.nat(),
      amountCents: fc.integer({ min: -1_000_000, max: 1_000_000 }),
      text: fc.constantFrom(
        gst,
        { product: 'Droplets', description: 'gst (s)' },
        { product: 'Spaces', description: '' },
      ),
    });
    const lines = fc
      .uniqueArray(line, { selector: (each) => each.lineNumber })
      .map((all) => all.map(({ text, ...rest }) => aDraft({ ...rest, ...text })));
    fc.assert(
      fc.property(lines, (all) => {
        const payload = financePayload(invoice, all);
        expect(payload.amount_net_minor + payload.amount_tax_minor).toBe(payload.amount_gross_minor);
        expect(payload.lines.reduce((sum, { amount_minor }) => sum + amount_minor, 0)).toBe(payload.amount_gross_minor);
        expect(financePayload(invoice, all.toReversed())).toEqual(payload);
      }),
    );
  });
});
