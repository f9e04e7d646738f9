import type { SandboxInvoiceLine } from '../account.js';
import { gstLine, type Month, month, spacesLine } from './invoice-lines.js';
import { dropletLives, intranetFiles, type Stay, snapshotLives, unusedAddress } from './lives.js';
import {
  backupLine,
  dropletLine,
  partIn,
  snapshotLine,
  type Use,
  unusedAddressLine,
  volumeLine,
} from './usage-lines.js';

const FIRST_YEAR = 2014;
const FIRST_MONTH = 12;
/** Nothing was used in it, so there is no invoice. */
const IDLE_PERIOD = '2015-01';
const LAST_PERIOD = '2026-03';
const SPACES_SINCE = '2020-02';
const GST_SINCE = '2017-07';
const CATEGORY_SINCE = '2021-01';

export interface GoldenInvoice {
  readonly period: string;
  readonly issuedAt: string;
  readonly lines: readonly SandboxInvoiceLine[];
  readonly hasCategory: boolean;
}

/**
 * December 2014 to March 2026 without January 2015: 135 months. November 2024 crossed the spending threshold in its
 * middle and has two invoices. With April 2026 that makes 137. Oldest first; all of it follows from lives.ts.
 */
export function pastInvoices(): GoldenInvoice[] {
  const invoices: GoldenInvoice[] = [];
  for (let n = 0; ; n++) {
    const each = month(FIRST_YEAR, FIRST_MONTH + n);
    if (each.period > LAST_PERIOD) return invoices;
    if (each.period === IDLE_PERIOD) continue;
    if (each.period === BURST.period) invoices.push(burstInvoice());
    const lines = monthLines(each);
    const taxed = each.period >= GST_SINCE ? [...lines, gstLine(lines, each)] : lines;
    const hasCategory = each.period >= CATEGORY_SINCE;
    invoices.push({
      period: each.period,
      issuedAt: each.next,
      lines: hasCategory ? taxed : taxed.map((one) => ({ ...one, category: '' })),
      hasCategory,
    });
  }
}

function monthLines(each: Month): SandboxInvoiceLine[] {
  const droplets = during(each, dropletLives);
  const backups = droplets.map(({ life }) => {
    const backedUp = life.backedUpFrom === null ? null : partIn(each, { from: life.backedUpFrom, to: life.to });
    return backedUp && backupLine(each, life, backedUp);
  });
  return [
    ...droplets.map(({ life, use }) => dropletLine(each, life, use)),
    ...backups.filter((line) => line !== null),
    ...during(each, snapshotLives).map(({ life, use }) => snapshotLine(each, life, use)),
    ...during(each, [intranetFiles]).map(({ life, use }) => volumeLine(each, life, use)),
    ...during(each, [unusedAddress]).map(({ life, use }) => unusedAddressLine(life.address, use)),
    ...(each.period >= SPACES_SINCE ? [spacesLine(each)] : []),
  ];
}

function during<Life extends Stay>(each: Month, lives: readonly Life[]): { life: Life; use: Use }[] {
  return lives.flatMap((life) => {
    const use = partIn(each, life);
    return use ? [{ life, use }] : [];
  });
}

const BURST = month(2024, 11);

/** Twelve and a half days of rendering, invoiced in the middle of the month. */
function burstInvoice(): GoldenInvoice {
  const life = { name: 'render-burst', size: 'c-4', from: BURST.start, to: '2024-11-13T12:00:00.000Z' };
  const lines = [dropletLine(BURST, life, partIn(BURST, life) as Use)];
  const tax = gstLine(lines, { start: BURST.start, lastSecond: '2024-11-14T23:59:59.000Z' });
  return { period: BURST.period, issuedAt: '2024-11-15T00:05:00.000Z', lines: [...lines, tax], hasCategory: true };
}
