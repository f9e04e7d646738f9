import { createMemo, remember } from '../../core/costs/bounded-memo.js';
import type { CostLineDraft } from '../../core/costs/csv-line.js';
import { matchLine } from '../../core/costs/match.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import { nextPeriod, type Period, startOfDay } from '../../core/time/period.js';
import { type BilledResource, billedResourceId } from '../inventory/billed-resources.js';
import type { Inventory } from './load-inventory.js';
import type { CostLine } from './write-cost-lines.js';

/** Attaches an invoice's lines to resources, and gathers those that only invoices tell of. */
export class LineAttacher {
  /** Lines attached so far. */
  matchedCount = 0;
  private readonly billed = new Map<string, BilledResource>();
  private readonly ids = createMemo<string, string>();

  constructor(
    private readonly inventory: Inventory,
    private readonly period: Period,
  ) {}

  attach(lines: readonly CostLineDraft[]): CostLine[] {
    return lines.map((line) => {
      const outcome = matchLine(line, this.inventory.index);
      const resourceId = outcome.makeHistoric ? this.idOf(outcome.makeHistoric) : outcome.resourceId;
      if (resourceId !== null) this.matchedCount++;
      if (resourceId !== null && outcome.status === 'historic') this.noteBilled(resourceId, outcome.makeHistoric, line);
      return { draft: line, outcome, resourceId };
    });
  }

  /** How many resources wait to be recorded. */
  get billedCount(): number {
    return this.billed.size;
  }

  /** Those that wait, which are then forgotten. */
  takeBilled(): BilledResource[] {
    const taken = [...this.billed.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.billed.clear();
    return taken;
  }

  private idOf({ kind, name }: { readonly kind: ResourceKind; readonly name: string }): string {
    return remember(this.ids, `${kind}\n${name}`, () => billedResourceId(kind, name));
  }

  private noteBilled(
    id: string,
    made: { readonly kind: ResourceKind; readonly name: string } | null,
    { startsAt, endsAt }: CostLineDraft,
  ): void {
    const known = this.billed.get(id);
    const resource = known ?? made ?? this.inventory.fromInvoices.get(id);
    if (!resource) return; // a tombstone of the provider's own
    const from = startsAt ?? startOfDay(this.period);
    const until = endsAt ?? startOfDay(nextPeriod(this.period));
    this.billed.set(id, {
      id,
      kind: resource.kind,
      name: resource.name,
      from: known && known.from < from ? known.from : from,
      until: known && known.until > until ? known.until : until,
    });
  }
}
