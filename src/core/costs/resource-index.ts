import type { ResourceKind } from '../inventory/resource-kind.js';
import { type BoundedMemo, createMemo, remember } from './bounded-memo.js';
import { foldCase } from './name-shape.js';
import { type KnownName, NearNames } from './near-names.js';

/** What the matcher has to know of a resource. */
export interface ResourceRow {
  readonly id: string;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly region: string | null;
  /** A snapshot's or a volume's; null for other kinds. */
  readonly sizeGb: number | null;
  /** When the provider created it; null if the provider does not say. */
  readonly createdAt: Date | null;
  /** When the mirror first listed it. */
  readonly firstSeenAt: Date;
  readonly deletedAt: Date | null;
  /** Whether lines of this invoice's earlier ingest, or of earlier invoices, bill it by this name. */
  readonly isBilledBefore: boolean;
  /** Made by an ingest for a cost line; the provider never listed it. */
  readonly isFromInvoice: boolean;
}

/** Resources by kind and name. Nothing that it answers depends on the order in which the resources came. */
export interface ResourceIndex {
  /** All of that name, but for case; those that exist, those that are gone, and those known from invoices. */
  find(kind: ResourceKind, name: string): readonly ResourceRow[];
  /**
   * The likeliest name of a resource that the provider has listed. Those known from invoices alone are never near:
   * else the invoice that is ingested first would decide about the next.
   */
  nearest(kind: ResourceKind, name: string): KnownName | null;
}

export function createResourceIndex(rows: Iterable<ResourceRow>): ResourceIndex {
  const kinds = new Map<ResourceKind, KindIndex>();
  for (const row of rows) {
    const kind = kinds.get(row.kind) ?? new KindIndex();
    kinds.set(row.kind, kind);
    kind.add(row);
  }
  return {
    find: (kind, name) => kinds.get(kind)?.find(name) ?? [],
    nearest: (kind, name) => kinds.get(kind)?.nearest(name) ?? null,
  };
}

class KindIndex {
  private readonly byName = new Map<string, ResourceRow[]>();
  /** Built for the first unknown name: most invoices have none. */
  private near: { readonly names: NearNames; readonly memo: BoundedMemo<string, { found: KnownName | null }> } | null =
    null;

  add(row: ResourceRow): void {
    const key = foldCase(row.name);
    const rows = this.byName.get(key);
    if (rows) rows.push(row);
    else this.byName.set(key, [row]);
  }

  find(name: string): readonly ResourceRow[] {
    return this.byName.get(foldCase(name)) ?? [];
  }

  nearest(name: string): KnownName | null {
    this.near ??= { names: new NearNames(this.listedNames()), memo: createMemo() };
    const { names, memo } = this.near;
    return remember(memo, foldCase(name), () => ({ found: names.nearest(name) })).found;
  }

  private *listedNames(): Generator<KnownName> {
    for (const rows of this.byName.values()) {
      for (const row of rows) if (!row.isFromInvoice) yield { name: row.name, isGone: row.deletedAt !== null };
    }
  }
}
