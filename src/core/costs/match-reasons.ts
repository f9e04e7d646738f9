import { KIND_DEFINITIONS, type ResourceKind } from '../inventory/resource-kind.js';
import type { KnownName } from './near-names.js';

export interface Candidates {
  readonly kind: ResourceKind;
  readonly billedKind: ResourceKind;
  readonly name: string;
  readonly count: number;
  readonly isLive: boolean;
  readonly decidedBy: string | null;
}

export const TAX = 'A tax on the invoice as a whole.';

export function accountLevel(product: string): string {
  return `"${product}" is billed to the account, to no single resource.`;
}

export function unknownProduct(product: string): string {
  return `Nothing tells what "${product}" bills; look for the line in the provider's control panel.`;
}

export function withoutName(kind: ResourceKind): string {
  return `The line names no ${KIND_DEFINITIONS[kind].noun}; look for it in the provider's control panel.`;
}

export function attached({ kind, billedKind, name, isLive, decidedBy }: Candidates): string {
  const told = decidedBy === null ? '' : `, told from its namesakes by ${decidedBy},`;
  const bears = isLive ? 'bears the billed name' : 'bore the billed name and is gone from the provider';
  const parent = kind === 'droplet_backup' ? '; backups are billed to their droplet' : '';
  return `The ${KIND_DEFINITIONS[billedKind].noun} "${name}"${told} ${bears}${parent}.`;
}

export function ambiguous({ billedKind, name, count, isLive }: Candidates): string {
  const they = isLive ? 'are called' : 'that are gone were called';
  return `${count} ${KIND_DEFINITIONS[billedKind].noun}s ${they} "${name}" and the line does not tell which; the provider's invoice items hold the id.`;
}

export function nearMiss(kind: ResourceKind, name: string, { name: likeliest, isGone }: KnownName): string {
  const advice = isGone ? 'which is gone from the provider' : 'give it the billed name if it is the same';
  return `No ${KIND_DEFINITIONS[kind].noun} is called "${name}"; the likeliest is "${likeliest}", ${advice}.`;
}

export function noSuchBucket(name: string): string {
  return `No Spaces bucket is called "${name}", so the account as a whole bears it.`;
}

export function listedAtAnotherTime(kind: ResourceKind, name: string): string {
  return `Every ${KIND_DEFINITIONS[kind].noun} that was listed as "${name}" existed at another time; the billed one is known from invoices alone.`;
}

export function knownFromInvoices(kind: ResourceKind, name: string): string {
  return `No ${KIND_DEFINITIONS[kind].noun} "${name}" or nearly so was ever listed; it is known from invoices alone.`;
}
