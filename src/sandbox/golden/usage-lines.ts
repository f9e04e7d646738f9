import type { SandboxInvoiceLine } from '../account.js';
import { goldenDroplet } from './droplets.js';
import { backupCents, gigabyteCents, hourlyCents, line, type Month } from './invoice-lines.js';
import type { DropletLife, SnapshotLife, Stay } from './lives.js';
import { monthlyCents, snapshotGbCents } from './price-history.js';
import { defaultProjectName, PROJECTS_SINCE, projectNameOf } from './projects.js';
import { snapshots } from './snapshots.js';
import { stableId, stableUuid } from './stable-ids.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FLOATING_IP_MONTHLY_CENTS = 400;
const VOLUME_GB_CENTS = 10;

export interface Use {
  readonly start: string;
  /** The first instant at which it was no more, or of the next month. */
  readonly end: string;
  readonly hours: number;
}

/** The part of a stay that lies in a month; null where none does. */
export function partIn({ start, next }: Month, { from, to }: Stay): Use | null {
  // Instants of one form sort as text.
  const use = { start: [from, start].sort()[1] as string, end: [to ?? next, next].sort()[0] as string };
  const hours = (Date.parse(use.end) - Date.parse(use.start)) / HOUR_MS;
  return hours > 0 ? { ...use, hours } : null;
}

export function dropletLine(
  { period }: Month,
  { name, size, from }: Pick<DropletLife, 'name' | 'size' | 'from'>,
  { start, end, hours }: Use,
): SandboxInvoiceLine {
  return line('Droplets', `${name} (${size})`, hourlyCents(hours, monthlyCents(size, period)), {
    hours: String(hours),
    start,
    end,
    projectName: period < PROJECTS_SINCE ? '' : (projectNameOf(name) ?? defaultProjectName),
    resourceId: dropletIdOf(name, from),
  });
}

/** `hours` is the number of backups; they are taken on Sundays, and the line goes from the first to the last. */
export function backupLine(
  { period }: Month,
  { name, size, from }: Pick<DropletLife, 'name' | 'size' | 'from'>,
  { start, end }: Pick<Use, 'start' | 'end'>,
): SandboxInvoiceLine | null {
  const taken = sundaysBetween(start, end);
  const [first, last] = [taken[0], taken.at(-1)];
  if (first === undefined || last === undefined) return null;
  const cents = backupCents(taken.length, monthlyCents(size, period));
  return line('Droplet Backups', `${name} (Weekly Backup Services)`, cents, {
    hours: String(taken.length),
    start: first,
    end: last,
    resourceId: dropletIdOf(name, from),
  });
}

/** One that exists has its own id. */
export function snapshotLine(
  month: Month,
  { name, sizeGb, from }: Pick<SnapshotLife, 'name' | 'sizeGb' | 'from'>,
  use: Use,
): SandboxInvoiceLine {
  const cents = gigabyteCents(use.hours, sizeGb, snapshotGbCents(month.period));
  const existing = snapshots.find((snapshot) => snapshot['name'] === name);
  return line('Droplet Snapshots', `${name} (syd1) ${sizeGb.toFixed(2)}GB Droplet Snapshot`, cents, {
    hours: String(use.hours),
    ...untilLastSecond(month, use),
    resourceId: existing ? String(existing['id']) : stableId(`snapshot ${name} ${from}`),
  });
}

export function volumeLine(
  month: Month,
  { name, sizeGb }: { name: string; sizeGb: number },
  use: Use,
): SandboxInvoiceLine {
  return line('Volumes', `${name} (syd1) ${sizeGb}GB`, gigabyteCents(use.hours, sizeGb, VOLUME_GB_CENTS), {
    hours: String(use.hours),
    ...untilLastSecond(month, use),
    resourceUuid: stableUuid(`volume ${name}`),
  });
}

export function unusedAddressLine(address: string, { start, end, hours }: Use): SandboxInvoiceLine {
  const cents = hourlyCents(hours, FLOATING_IP_MONTHLY_CENTS);
  return line('Floating IPs', `Unused Floating IP - ${address}`, cents, { hours: String(hours), start, end });
}

/** Only droplets and addresses are billed to the first instant of the next month. */
function untilLastSecond({ next, lastSecond }: Month, { start, end }: Use): { start: string; end: string } {
  return { start, end: end === next ? lastSecond : end };
}

function dropletIdOf(name: string, from: string): string {
  const existing = goldenDroplet(name);
  return existing ? String(existing.id) : stableId(`droplet ${name} ${from}`);
}

/** A quarter past noon on each. */
function sundaysBetween(start: string, end: string): string[] {
  const sundays: string[] = [];
  const firstDay = Date.parse(`${start.slice(0, 10)}T12:15:00.000Z`);
  for (let at = firstDay; at < Date.parse(end); at += DAY_MS) {
    if (at >= Date.parse(start) && new Date(at).getUTCDay() === 0) sundays.push(new Date(at).toISOString());
  }
  return sundays;
}
