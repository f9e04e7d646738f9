import type { SandboxInvoiceLine } from '../account.js';
import { gstLine, month, spacesLine } from './invoice-lines.js';
import { snapshotLives } from './lives.js';
import { backupLine, dropletLine, partIn, snapshotLine, type Use } from './usage-lines.js';

const APRIL = month(2026, 4);
const RESIZED_AT = april('24T11');

function april(dayAndHour: string): string {
  return `2026-04-${dayAndHour}:00:00.000Z`;
}

function used(from = APRIL.start, to = APRIL.next): Use {
  return partIn(APRIL, { from, to }) as Use;
}

function droplet(name: string, size: string, use = used()): SandboxInvoiceLine {
  return dropletLine(APRIL, { name, size, from: use.start }, use);
}

/** Throws for a time without a Sunday in it. */
function backup(name: string, size: string, use = used()): SandboxInvoiceLine {
  const line = backupLine(APRIL, { name, size, from: use.start }, use);
  if (!line) throw new RangeError(`no backup of ${name} was taken`);
  return line;
}

/** Names on this invoice alone that are not quite those of the snapshots: the three near misses. */
const BILLED_AS: Readonly<Record<string, string>> = {
  'mail.sky-ai.com-1730419200258': 'mail.sky-ai.com-1730419200285',
  'studio-demo golden image': 'studio-demo golden-image',
  'git.sky-ai.com-before-migration': 'git.sky-ai.com before migration',
};

function billedName(line: SandboxInvoiceLine, name: string): SandboxInvoiceLine {
  const billed = BILLED_AS[name];
  return billed === undefined ? line : { ...line, description: line.description.replace(name, billed) };
}

/** Weekly backups are on all month: three at the price of the old size, one at that of the new. Billed on one line. */
function gitBackups(): SandboxInvoiceLine {
  const before = backup('git.sky-ai.com', 's-1vcpu-1gb', used(APRIL.start, RESIZED_AT));
  const after = backup('git.sky-ai.com', 's-1vcpu-2gb', used(RESIZED_AT));
  const hours = String(Number(before.hours) + Number(after.hours));
  return { ...before, hours, end: after.end, cents: before.cents + after.cents };
}

/** The twelve that exist. */
function snapshotLines(): SandboxInvoiceLine[] {
  return snapshotLives.flatMap((life) => {
    const use = partIn(APRIL, life);
    return use ? [billedName(snapshotLine(APRIL, life, use), life.name)] : [];
  });
}

/**
 * The golden invoice: 33 lines, $86.92 with $7.90 GST. Of the five droplets and their backups $30.53. By what they can be
 * attached to: 17 to what exists, 11 to what is destroyed (ten droplets, one backup), 3 to nothing quite, 1 account, 1 tax.
 */
export function april2026(): SandboxInvoiceLine[] {
  const lines = [
    droplet('holyspiritbraypark.com', 's-1vcpu-512mb-10gb'),
    droplet('git.sky-ai.com', 's-1vcpu-1gb', used(APRIL.start, RESIZED_AT)),
    droplet('git.sky-ai.com', 's-1vcpu-2gb', used(RESIZED_AT)),
    droplet('mail.sky-ai.com', 's-1vcpu-1gb'),
    droplet('parish-bulletin', 's-1vcpu-512mb-10gb'),
    droplet('studio-demo', 's-1vcpu-1gb'),
    backup('mail.sky-ai.com', 's-1vcpu-1gb'),
    gitBackups(),
    droplet('staging-alpha', 's-2vcpu-4gb', used(APRIL.start, april('18T04'))),
    droplet('load-test-1', 's-4vcpu-8gb', used(april('06T00'), april('10T00'))),
    droplet('load-test-2', 's-4vcpu-8gb', used(april('06T00'), april('10T00'))),
    droplet('repo.sky-ai.com', 's-1vcpu-2gb', used(APRIL.start, april('13T12'))),
    droplet('import-worker', 's-1vcpu-1gb', used(APRIL.start, april('09T08'))),
    droplet('ci-runner', 's-2vcpu-2gb', used(april('02T00'), april('02T10'))),
    droplet('release-rehearsal', 's-2vcpu-2gb', used(april('14T22'), april('15T08'))),
    droplet('theme-preview-1', 's-1vcpu-1gb', used(april('13T01'), april('17T17'))),
    droplet('theme-preview-2', 's-1vcpu-1gb', used(april('20T02'), april('22T10'))),
    droplet('dns-probe', 's-1vcpu-512mb-10gb', used(april('27T00'), april('29T12'))),
    backup('repo.sky-ai.com', 's-1vcpu-2gb', used(APRIL.start, april('13T12'))),
    ...snapshotLines(),
    spacesLine(APRIL),
  ];
  return [...lines, gstLine(lines, APRIL)];
}
