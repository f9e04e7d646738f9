import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  clipToPeriod,
  dayOf,
  daysBetween,
  daysInMonth,
  daysOf,
  lastDayOf,
  nextPeriod,
  parseDay,
  parsePeriod,
  periodOf,
  previousPeriod,
  rangeOf,
} from '../../src/core/time/period.js';
import { BadUserInputError } from '../../src/errors.js';
import { day, month } from './billing-builders.js';

const anyDay = fc
  .date({ min: new Date('1000-01-01'), max: new Date('9990-12-31'), noInvalidDate: true })
  .map((date) => dayOf(date));

describe('days and periods', () => {
  it.each([
    ['2026-02-29'],
    ['2026-13-01'],
    ['2026-00-10'],
    ['2026-04-31'],
    ['2026-4-1'],
    ['2026-04-01T00:00:00Z'],
    ['0999-01-01'],
    ['9999-12-31'],
    [''],
  ])('"%s" is refused, and the error names its argument', (text) => {
    expect(() => parseDay(text, 'input.startsOn')).toThrow(BadUserInputError);
    expect(() => parseDay(text, 'input.startsOn')).toThrow(/^input\.startsOn: /);
  });

  it('any day of a month names its period', () => {
    expect(parsePeriod('2026-04-30')).toBe('2026-04-01');
  });

  it.each([
    ['2024-02', 29],
    ['2026-02', 28],
    ['2000-02', 29],
    ['1900-02', 28],
    ['2026-04', 30],
    ['2026-12', 31],
  ])('%s has %i days', (period, days) => {
    expect(daysInMonth(month(period))).toBe(days);
  });

  it('months follow each other across the year', () => {
    expect(nextPeriod(month('2026-12'))).toBe('2027-01-01');
    expect(previousPeriod(month('2026-01'))).toBe('2025-12-01');
    expect(lastDayOf(month('2024-02'))).toBe('2024-02-29');
  });

  it('a range is cut to the month, and is none outside it', () => {
    const april = month('2026-04');
    expect(clipToPeriod({ from: day('2026-03-10'), until: null }, april)).toEqual(rangeOf(april));
    expect(clipToPeriod({ from: day('2026-04-30'), until: day('2026-05-09') }, april)).toEqual({
      from: '2026-04-30',
      until: '2026-05-01',
    });
    expect(clipToPeriod({ from: day('2026-03-10'), until: day('2026-04-01') }, april)).toBeNull();
    expect(clipToPeriod({ from: day('2026-05-01'), until: null }, april)).toBeNull();
  });

  it('every day is in its period, and adding days is undone by counting them', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: 0, max: 400 }), (from, count) => {
        const period = periodOf(from);
        expect(period <= from && from <= lastDayOf(period)).toBe(true);
        expect(previousPeriod(nextPeriod(period))).toBe(period);
        expect(daysBetween(from, addDays(from, count))).toBe(count);
        expect(daysOf({ from, until: addDays(from, count) })).toHaveLength(count);
      }),
    );
  });
});
