import { describe, expect, it } from '@jest/globals';
import { goldenAccount } from '../../src/sandbox/golden/account.js';

describe('the bills of the golden account', () => {
  const { billing, ...account } = goldenAccount();
  it('has 137 invoices back to 2014, each the sum of its lines', () => {
    expect(billing.invoices).toHaveLength(137);
    expect(new Set(billing.invoices.map((invoice) => invoice.uuid)).size).toBe(137);
    expect(billing.invoices.at(-1)?.period).toBe('2014-12');
    for (const invoice of billing.invoices) {
      expect(invoice.lines.reduce((sum, line) => sum + line.cents, 0)).toBe(invoice.totalCents);
      expect(invoice.totalCents).toBeGreaterThan(0);
    }
    expect(billing.invoices.filter((invoice) => invoice.period === '2024-11')).toHaveLength(2);
  });

  it('has the April of 2026 to the cent', () => {
    const april = billing.invoices.find((invoice) => invoice.period === '2026-04');
    const lines = april?.lines ?? [];
    const names = Object.values(account.droplets).map((droplet) => `${droplet['name']} (`);
    const ofDroplets = lines.filter(
      (line) =>
        line.product.startsWith('Droplet') &&
        !line.product.endsWith('Snapshots') &&
        names.some((name) => line.description.startsWith(name)),
    );
    expect([lines.length, april?.totalCents, lines.find((line) => line.product === 'Taxes')?.cents]).toEqual([
      33, 8692, 790,
    ]);
    expect(ofDroplets.reduce((sum, line) => sum + line.cents, 0)).toBe(3053);
  });
});
