import type { App } from '../../../context.js';
import { hourlyPrices } from '../../../core/costs/billed-price.js';
import type { ResourceKind } from '../../../core/inventory/resource-kind.js';
import { groupBy } from '../../../core/lists/group-by.js';
import type { FxRate } from '../../../core/money/fx.js';
import type { Currency } from '../../../core/money/money.js';
import {
  type CauseEvidence,
  type CostAnomaly,
  type CostSeries,
  findCostAnomaly,
} from '../../../core/reports/cost-anomaly.js';
import { usualShares } from '../../../core/reports/usual-shares.js';
import { type Period, parsePeriod, previousPeriod } from '../../../core/time/period.js';
import type { ResourceEventRow } from '../../inventory/list-resource-events.js';
import { readReporting } from '../reporting.js';
import { type CauseEvents, readCauseEvents } from './read-cause-events.js';
import {
  findComparedMonths,
  type KindMonth,
  type ResourceMonth,
  type ResourceSeries,
  readKindMonths,
  readMovedResources,
  windowOf,
} from './read-cost-series.js';

export interface ResourceAnomaly extends CostAnomaly {
  readonly resourceId: string;
  readonly kind: ResourceKind;
  /** Whose margin it moves; null: nobody's. */
  readonly tenantId: string | null;
  /** What the event log says of the cause; null where it says nothing. */
  readonly event: ResourceEventRow | null;
}

export interface KindAnomaly extends CostAnomaly {
  readonly kind: ResourceKind;
  /** By how much each tenant's margin moved (null: nobody's); sums to the change, taken away. */
  readonly impacts: readonly { readonly tenantId: string | null; readonly marginCents: number }[];
}

export interface CostAnomalies {
  readonly period: Period;
  readonly currency: Currency;
  readonly fxRates: readonly FxRate[];
  /** The months that it was compared with, newest first. */
  readonly history: readonly Period[];
  /** The largest change first. */
  readonly byResource: readonly ResourceAnomaly[];
  readonly byKind: readonly KindAnomaly[];
}

/** Costs of a month that are out of line with their own past. Throws MissingFxRateError for the month itself. */
export async function findCostAnomalies(app: Pick<App, 'reads' | 'config'>, text: string): Promise<CostAnomalies> {
  const period = parsePeriod(text);
  const reporting = await readReporting(app);
  const { currency } = reporting;
  const compared = await findComparedMonths(app.reads.reports, reporting, period);
  const none = { period, currency, fxRates: compared?.fxRates ?? [], history: [], byResource: [], byKind: [] };
  if (!compared || compared.history.length === 0) return none;
  const [resources, kinds] = await Promise.all([
    readMovedResources(app.reads.reports, compared),
    readKindMonths(app.reads.reports, compared),
  ]);
  const events = await readCauseEvents(
    app.reads.reports,
    resources.map((one) => one.resourceId),
    windowOf(period),
  );
  const found = resources.flatMap(
    (resource) => assessResource(resource, period, events.get(resource.resourceId)) ?? [],
  );
  const byKind = [...groupBy(kinds, (row) => row.kind)].flatMap(([kind, months]) => {
    return assessKind(kind as ResourceKind, months, period, found) ?? [];
  });
  return {
    ...none,
    history: compared.history,
    byResource: found.map(({ anomaly }) => anomaly).sort(byChange),
    byKind: byKind.sort(byChange),
  };
}

interface Assessed {
  readonly anomaly: ResourceAnomaly;
  readonly evidence: CauseEvidence;
  /** By how much its backups cost more than in the month compared last; a droplet's alone. */
  readonly backupChangeCents: number;
}

function assessResource(
  { resourceId, kind, tenantId, isDeleted, months }: ResourceSeries,
  period: Period,
  events: CauseEvents | undefined,
): Assessed | null {
  const now = months.find((month) => month.period === period) ?? null;
  const history = months.filter((month) => month.period < period);
  const series = seriesOf(period, now, history);
  const isUp = findCostAnomaly(series, NOTHING_KNOWN)?.direction === 'up';
  const billed = (month: (typeof months)[number]) => ({ cents: month.ownCents, hours: month.hours });
  const evidence: CauseEvidence = {
    isNew: isUp && history.every((month) => month.period >= previousPeriod(period)),
    isGone: !isUp && (now === null || isDeleted || Boolean(events?.gone)),
    isResized: Boolean(events?.resized) || (now !== null && history.length > 0 && now.sizes !== history.at(-1)?.sizes),
    hourlyCents: hourlyPrices(now && billed(now), history.map(billed)),
  };
  const anomaly = findCostAnomaly(series, evidence);
  if (!anomaly) return null;
  const { appeared = null, gone = null, resized = null } = events ?? {};
  const event = { new: appeared, gone, resized, fx: null, price: null, unknown: null }[anomaly.cause];
  const backupChangeCents = backupCents(now) - backupCents(history.at(-1) ?? null);
  return { evidence, backupChangeCents, anomaly: { ...anomaly, resourceId, kind, tenantId, event } };
}

function backupCents(month: ResourceMonth | null): number {
  return month ? month.providerCents - month.ownCents : 0;
}

/** The resource that moved most of those that moved their kind that way. Backups are billed to their droplet. */
function moverOf(
  kind: ResourceKind,
  direction: CostAnomaly['direction'],
  resources: readonly Assessed[],
): Assessed | undefined {
  const moved = resources.filter(({ anomaly, backupChangeCents }) => {
    if (kind !== 'droplet_backup') return anomaly.kind === kind && anomaly.direction === direction;
    return direction === 'up' ? backupChangeCents > 0 : backupChangeCents < 0;
  });
  return moved.sort((a, b) => byChange(a.anomaly, b.anomaly))[0];
}

/** A kind moves as the resource of it that moved most the same way does. */
function assessKind(
  kind: ResourceKind,
  rows: readonly KindMonth[],
  period: Period,
  resources: readonly Assessed[],
): KindAnomaly | null {
  const months = [...groupBy(rows, (row) => row.period)].map(([month, own]) => ({
    period: month as Period,
    providerCents: own.reduce((sum, row) => sum + row.providerCents, 0),
    reportingCents: own.reduce((sum, row) => sum + row.reportingCents, 0),
    owners: own.map((row) => ({ owner: row.tenantId, cents: row.reportingCents })),
  }));
  const now = months.find((month) => month.period === period) ?? null;
  const history = months.filter((month) => month.period < period);
  const series = seriesOf(period, now, history);
  const direction = findCostAnomaly(series, NOTHING_KNOWN)?.direction;
  const mover = direction && moverOf(kind, direction, resources);
  const anomaly = findCostAnomaly(series, mover?.evidence ?? { ...NOTHING_KNOWN, isGone: now === null });
  if (!anomaly) return null;
  const usual = usualShares(history.map((month) => month.owners));
  const current = new Map(now?.owners.map(({ owner, cents }) => [owner, cents]));
  const tenantIds = [...new Set([...current.keys(), ...usual.keys()])].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1));
  const impacts = tenantIds
    .map((tenantId) => ({ tenantId, marginCents: (usual.get(tenantId) ?? 0) - (current.get(tenantId) ?? 0) }))
    .filter(({ marginCents }) => marginCents !== 0);
  return { ...anomaly, kind, impacts };
}

const NOTHING_KNOWN: CauseEvidence = { isNew: false, isGone: false, isResized: false, hourlyCents: null };

function seriesOf(period: Period, now: CostSeries['current'] | null, history: CostSeries['history']): CostSeries {
  return { current: now ?? { period, providerCents: 0, reportingCents: 0 }, history };
}

function byChange(a: CostAnomaly, b: CostAnomaly): number {
  return Math.abs(b.changeCents) - Math.abs(a.changeCents) || (keyOf(a) < keyOf(b) ? -1 : 1);
}

function keyOf(anomaly: CostAnomaly & { readonly resourceId?: string; readonly kind?: ResourceKind }): string {
  return anomaly.resourceId ?? anomaly.kind ?? '';
}
