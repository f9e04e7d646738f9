import type { CostLineDraft } from '../../../src/core/costs/csv-line.js';
import type { MatchableLine } from '../../../src/core/costs/match.js';
import type { ResourceRow } from '../../../src/core/costs/resource-index.js';

export const at = (text: string): Date => new Date(`${text}T00:00:00Z`);

export function aResource(of: Partial<ResourceRow> = {}): ResourceRow {
  const name = of.name ?? 'web-1';
  return {
    id: `id of ${name}`,
    kind: 'droplet',
    name,
    region: 'syd1',
    sizeGb: null,
    firstSeenAt: at('2024-01-01'),
    createdAt: null,
    deletedAt: null,
    isBilledBefore: false,
    isFromInvoice: false,
    ...of,
  };
}

export function aLine(of: Partial<MatchableLine> = {}): MatchableLine {
  return {
    product: 'Droplets',
    groupDescription: null,
    description: 'web-1 (s-1vcpu-1gb)',
    startsAt: at('2026-04-01'),
    endsAt: at('2026-05-01'),
    ...of,
  };
}

export function aDraft(of: Partial<CostLineDraft> = {}): CostLineDraft {
  return { ...aLine(), lineNumber: 1, hours: '720', amountCents: 600, projectName: null, category: 'iaas', ...of };
}
