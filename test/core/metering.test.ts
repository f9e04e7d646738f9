import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type MeterableResource, meterResource, totalQuantity } from '../../src/core/metering/metering.js';
import { addDays, type Day, daysInMonth, daysOf, rangeOf } from '../../src/core/time/period.js';
import { day, month } from './billing-builders.js';

const droplet: MeterableResource = { kind: 'droplet', status: 'active', sizeGb: null };
const zone: MeterableResource = { kind: 'dns_zone', status: null, sizeGb: null };
const sized = (kind: MeterableResource['kind'], sizeGb: string | number | null): MeterableResource => {
  return { kind, status: 'available', sizeGb };
};

function quantity(resource: MeterableResource, on: Day): string | undefined {
  return meterResource(resource, on)?.quantity.toFixed();
}

describe('metering one resource', () => {
  it('the golden ten days: 70 records, 480 droplet hours, 0.65 zones, 15.48 GB-months', () => {
    const resources = [droplet, droplet, zone, zone, ...[10, 18, 20].map((gb) => sized('snapshot', gb))];
    const days = daysOf({ from: day('2026-05-01'), until: day('2026-05-11') });
    const records = days.flatMap((on) => resources.map((resource) => meterResource(resource, on)));
    const total = (kind: string) =>
      totalQuantity(records.flatMap((r) => (r?.billingKind === kind ? [r.quantity.toFixed()] : [])));
    expect(records).toHaveLength(70);
    expect(total('droplet_hours').toFixed()).toBe('480');
    expect(total('dns_zones').toFixed()).toBe('0.645161290323');
    expect(total('dns_zones').toFixed(2)).toBe('0.65');
    expect(total('snapshot_gb_month').toFixed()).toBe('15.483870967742');
    expect(total('snapshot_gb_month').toFixed(2)).toBe('15.48');
  });

  it('a droplet that is off has a record of nothing', () => {
    expect(quantity({ ...droplet, status: 'off' }, day('2026-04-01'))).toBe('0');
    expect(quantity(droplet, day('2026-04-01'))).toBe('24');
  });

  it('storage and zones are divided by the days of their month, to 18 places', () => {
    expect(quantity(sized('volume', '100'), day('2024-02-29'))).toBe('3.448275862068965517');
    expect(quantity(sized('droplet_backup', 30), day('2026-04-30'))).toBe('1');
    expect(quantity(zone, day('2026-02-01'))).toBe('0.035714285714285714');
  });

  it('what has no billing kind, or no known size, is not metered', () => {
    expect(meterResource(sized('firewall', 1), day('2026-04-01'))).toBeNull();
    expect(meterResource(sized('spaces_bucket', null), day('2026-04-01'))).toBeNull();
  });

  it('a constant quantity through any month sums to itself, daily and hourly', () => {
    const size = fc.integer({ min: 0, max: 10_000_000 }).map((hundredths) => (hundredths / 100).toFixed(2));
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 36 }), (sizeGb, i) => {
        const period = month(`20${20 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`);
        const resource = sized('volume', sizeGb);
        const days = daysOf(rangeOf(period));
        const daily = days.map((on) => quantity(resource, on) ?? '');
        const hourly = days.flatMap((on) =>
          Array.from({ length: 24 }, () => meterResource(resource, on, 'hourly')?.quantity.toFixed() ?? ''),
        );
        expect(totalQuantity(daily).toNumber()).toBe(Number(sizeGb));
        expect(totalQuantity(hourly).toFixed()).toBe(totalQuantity(daily).toFixed());
        expect(days).toHaveLength(daysInMonth(period));
        expect(addDays(days[days.length - 1] as Day, 1)).toBe(rangeOf(period).until);
      }),
      { numRuns: 40 },
    );
  });
});
