import { createHash } from 'node:crypto';

/** The same text is the same UUID, in the form of a random one. */
export function stableUuid(text: string): string {
  const hex = digest(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Likewise an id of digits, below those of the droplets and snapshots that exist. */
export function stableId(text: string): string {
  return String(1_000_000 + (Number.parseInt(digest(text).slice(0, 8), 16) % 99_000_000));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
