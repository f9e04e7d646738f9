import type { ResourceKind } from '../inventory/resource-kind.js';
import { Decimal } from '../money/money.js';

/** What is metered and priced, in the order of an invoice's lines. Not the kinds of resources. */
export const BILLING_KINDS = [
  'droplet_hours',
  'spaces_gb_month',
  'snapshot_gb_month',
  'droplet_backup_gb_month',
  'volume_gb_month',
  'bandwidth_gb',
  'dns_zones',
  'llm_tokens',
] as const;
export type BillingKind = (typeof BILLING_KINDS)[number];

interface BillingKindFacts {
  /** As printed on a line. */
  readonly label: string;
  /** The unit that quantities of the kind are counted in. */
  readonly baseUnit: string;
  /** Base units in each unit that the kind may be priced in. */
  readonly unitSizes: Readonly<Record<string, number>>;
}

const storage = (label: string): BillingKindFacts => {
  return { label, baseUnit: 'gb_month', unitSizes: { gb_month: 1, gb_months: 1, gb: 1 } };
};

export const BILLING_KIND_FACTS: Record<BillingKind, BillingKindFacts> = {
  droplet_hours: { label: 'Droplet hours', baseUnit: 'hour', unitSizes: { hour: 1, hours: 1 } },
  spaces_gb_month: storage('Spaces storage'),
  snapshot_gb_month: storage('Snapshot storage'),
  droplet_backup_gb_month: storage('Backup storage'),
  volume_gb_month: storage('Volume storage'),
  bandwidth_gb: { label: 'Bandwidth', baseUnit: 'gb', unitSizes: { gb: 1 } },
  dns_zones: { label: 'DNS zones', baseUnit: 'zone', unitSizes: { zone: 1, zones: 1, zone_month: 1 } },
  llm_tokens: {
    label: 'LLM tokens',
    baseUnit: 'token',
    unitSizes: { token: 1, tokens: 1, '1k_tokens': 1000, '1m_tokens': 1_000_000 },
  },
};

/** The units that a kind may be priced in: "hour", "1k_tokens". */
export function unitsOf(kind: BillingKind): string[] {
  return Object.keys(BILLING_KIND_FACTS[kind].unitSizes);
}

/** Base units in one priced unit (1k_tokens is 1000 tokens); null if the kind has no such unit. */
export function unitSize(kind: BillingKind, unit: string): Decimal | null {
  const { unitSizes } = BILLING_KIND_FACTS[kind];
  const size = Object.hasOwn(unitSizes, unit) ? unitSizes[unit] : undefined;
  return size === undefined ? null : new Decimal(size);
}

/**
 * What a resource of each kind is metered as; other kinds are not metered. Bandwidth comes from the provider's monitoring, and
 * LLM usage reaches the invoice as the gateway's own charges.
 */
export const METERED_KINDS = [
  ['droplet', 'droplet_hours'],
  ['spaces_bucket', 'spaces_gb_month'],
  ['snapshot', 'snapshot_gb_month'],
  ['droplet_backup', 'droplet_backup_gb_month'],
  ['volume', 'volume_gb_month'],
  ['dns_zone', 'dns_zones'],
] as const satisfies readonly (readonly [ResourceKind, BillingKind])[];
export const METERED_AS: Partial<Record<ResourceKind, BillingKind>> = Object.fromEntries(METERED_KINDS);
