import type { SandboxInvoiceLine } from '../account.js';
import { goldenDroplets } from './droplets.js';
import { gstLine, hourlyCents, line, month } from './invoice-lines.js';
import { snapshots } from './snapshots.js';

const APRIL = month(2026, 4);
const RESIZED_AT = '2026-04-21T05:00:00.000Z';
const whole = { start: APRIL.start, end: APRIL.lastSecond };

function droplet(
  name: string,
  size: string,
  monthlyCents: number,
  hours: number,
  start = APRIL.start,
  end = APRIL.next,
): SandboxInvoiceLine {
  const found = goldenDroplets.find((each) => each.name === name);
  return line('Droplets', `${name} (${size})`, hourlyCents(hours, monthlyCents), {
    hours: String(hours),
    start,
    end,
    projectName: found ? 'sky-ai' : '',
    resourceId: found ? String(found.id) : '390000000',
  });
}

/** `hours` of a backup line is the number of backups; each is a quarter of a fifth of the month's price. */
function backup(name: string, monthlyCents: number, count: number): SandboxInvoiceLine {
  const found = goldenDroplets.find((each) => each.name === name);
  const taken = '2026-04-30T12:15:00.000Z';
  return line('Droplet Backups', `${name} (Weekly Backup Services)`, (monthlyCents * count) / 20, {
    hours: String(count),
    start: taken,
    end: taken,
    resourceId: found ? String(found.id) : '390000004',
  });
}

function snapshot(name: string, sizeGb: string): SandboxInvoiceLine {
  const hundredths = Math.round(Number(sizeGb) * 100);
  const cents = Math.max(1, Math.floor((hundredths * 6 + 50) / 100));
  return line('Droplet Snapshots', `${name} (syd1) ${sizeGb}GB Droplet Snapshot`, cents, { hours: '720', ...whole });
}

/** Billed names that are not quite those of the last three snapshots. */
const BILLED_AS: Readonly<Record<string, string>> = {
  'mail.sky-ai.com-1730419200258': 'mail.sky-ai.com-1730419200285',
  'studio-demo golden image': 'studio-demo golden-image',
  'git.sky-ai.com-before-migration': 'git.sky-ai.com before migration',
};

/**
 * The golden invoice: 33 lines, $86.92 with $7.90 GST. Of the five droplets and their backups $30.53. By what they can be
 * attached to: 17 to what exists, 11 to what is destroyed, 3 to nothing quite, 1 account, 1 tax.
 */
export function april2026(): SandboxInvoiceLine[] {
  const lines = [
    droplet('holyspiritbraypark.com', 's-1vcpu-512mb-10gb', 400, 720),
    droplet('git.sky-ai.com', 's-1vcpu-1gb', 600, 485, APRIL.start, RESIZED_AT),
    droplet('git.sky-ai.com', 's-1vcpu-2gb', 1200, 235, RESIZED_AT),
    droplet('mail.sky-ai.com', 's-1vcpu-1gb', 600, 720),
    droplet('parish-bulletin', 's-1vcpu-512mb-10gb', 400, 720),
    droplet('studio-demo', 's-1vcpu-1gb', 600, 720),
    backup('mail.sky-ai.com', 600, 4),
    backup('parish-bulletin', 400, 4),
    ...snapshots.map(({ name, size_gigabytes }) =>
      snapshot(BILLED_AS[String(name)] ?? String(name), Number(size_gigabytes).toFixed(2)),
    ),
    droplet('staging-alpha', 's-2vcpu-4gb', 2400, 412, APRIL.start, '2026-04-18T04:00:00.000Z'),
    droplet('load-test-1', 's-4vcpu-8gb', 4800, 96, '2026-04-06T00:00:00.000Z', '2026-04-10T00:00:00.000Z'),
    droplet('load-test-2', 's-4vcpu-8gb', 4800, 96, '2026-04-06T00:00:00.000Z', '2026-04-10T00:00:00.000Z'),
    droplet('old-wordpress', 's-1vcpu-2gb', 1200, 300, APRIL.start, '2026-04-13T12:00:00.000Z'),
    droplet('import-worker', 's-1vcpu-1gb', 600, 200, APRIL.start, '2026-04-09T08:00:00.000Z'),
    droplet('ci-runner', 's-2vcpu-2gb', 1800, 10, '2026-04-02T00:00:00.000Z', '2026-04-02T10:00:00.000Z'),
    backup('old-wordpress', 1200, 2),
    snapshot('old-wordpress-1650000000000', '12.50'),
    snapshot('archive-2019', '4.20'),
    snapshot('staging-alpha-1743465600000', '8.75'),
    line('Volumes', 'import-scratch (syd1) 20GB', 60, {
      hours: '216',
      ...whole,
      resourceUuid: '7724db7c-e098-11e5-b522-000f53304e51',
    }),
    line('Spaces Subscription', 'Spaces ($5/mo 250GB storage & 1TB bandwidth)', 500, whole),
  ];
  return [...lines, gstLine(lines, APRIL)];
}
