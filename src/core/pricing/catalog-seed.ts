import type { BillingKind } from '../metering/billing-kind.js';
import type { DecimalText } from '../money/decimal-text.js';
import type { Currency } from '../money/money.js';
import { type Day, parseDay } from '../time/period.js';
import type { AddonTerms, PlanAllowance, PlanItem } from './plan.js';

export interface SeedPlan extends PlanAllowance {
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly basePriceCents: number;
  readonly items: readonly PlanItem[];
}

export interface SeedResourcePrice {
  readonly kind: BillingKind;
  readonly unit: string;
  readonly unitPriceCents: DecimalText;
  readonly effectiveFrom: Day;
}

export const SEED_CURRENCY: Currency = 'AUD';

const SMALL_SIZES = ['s-1vcpu-512mb-10gb', 's-1vcpu-1gb'];
const MEDIUM_SIZES = [...SMALL_SIZES, 's-1vcpu-2gb', 's-2vcpu-2gb', 's-2vcpu-4gb'];
const LARGE_SIZES = [...MEDIUM_SIZES, 's-4vcpu-8gb'];

/** The plans of spec §5, each published as version 1. */
export const SEED_PLANS: readonly SeedPlan[] = [
  {
    code: 'starter',
    name: 'Starter',
    description: 'One small droplet around the clock, for a first site.',
    basePriceCents: 2000,
    allowedSizes: SMALL_SIZES,
    maxDeployments: 5,
    items: [
      item('droplet_hours', '744', 'hour', '1.2'),
      item('spaces_gb_month', '25', 'gb_month', '2.5'),
      item('snapshot_gb_month', '20', 'gb_month', '10'),
      item('bandwidth_gb', '500', 'gb', '2'),
      item('dns_zones', '2', 'zone', '50'),
    ],
  },
  {
    code: 'studio',
    name: 'Studio',
    description: 'Two droplets around the clock, storage to match, and LLM tokens.',
    basePriceCents: 5000,
    allowedSizes: MEDIUM_SIZES,
    maxDeployments: 20,
    items: [
      item('droplet_hours', '1488', 'hour', '1'),
      item('spaces_gb_month', '100', 'gb_month', '2'),
      item('snapshot_gb_month', '100', 'gb_month', '9'),
      item('bandwidth_gb', '2000', 'gb', '1.5'),
      item('dns_zones', '10', 'zone', '40'),
      item('llm_tokens', '1000000', '1k_tokens', '1'),
    ],
  },
  {
    code: 'pro',
    name: 'Pro',
    description: 'Six droplets around the clock, ample storage and LLM tokens.',
    basePriceCents: 12000,
    allowedSizes: LARGE_SIZES,
    maxDeployments: 50,
    items: [
      item('droplet_hours', '4464', 'hour', '0.9'),
      item('spaces_gb_month', '500', 'gb_month', '1.8'),
      item('snapshot_gb_month', '400', 'gb_month', '8'),
      item('bandwidth_gb', '6000', 'gb', '1.2'),
      item('dns_zones', '50', 'zone', '30'),
      item('llm_tokens', '5000000', '1k_tokens', '0.8'),
    ],
  },
];

export const SEED_ADDONS: readonly AddonTerms[] = [
  addon('storage_50gb', 'Spaces storage 50 GB', 'spaces_gb_month', '50', 750),
  addon('storage_250gb', 'Spaces storage 250 GB', 'spaces_gb_month', '250', 3000),
  addon('llm_1m', 'LLM tokens 1 million', 'llm_tokens', '1000000', 800),
];

/** What no seeded plan has an item for. LLM tokens of a Starter have no price: they show as unpriced. */
export const SEED_RESOURCE_PRICES: readonly SeedResourcePrice[] = [
  resourcePrice('droplet_backup_gb_month', 'gb_month', '6'),
  resourcePrice('volume_gb_month', 'gb_month', '18'),
];

function item(
  kind: BillingKind,
  includedQuantity: DecimalText,
  overageUnit: string,
  overagePriceCents: DecimalText,
): PlanItem {
  return { kind, includedQuantity, overageUnit, overagePriceCents, hardCapQuantity: null };
}

function addon(code: string, name: string, kind: BillingKind, quantity: DecimalText, cents: number): AddonTerms {
  return { code, name, kind, quantity, price: { cents, currency: SEED_CURRENCY } };
}

function resourcePrice(kind: BillingKind, unit: string, unitPriceCents: DecimalText): SeedResourcePrice {
  return { kind, unit, unitPriceCents, effectiveFrom: parseDay('2026-01-01') };
}
