import { describe, expect, it } from '@jest/globals';
import { type MatchableLine, type MatchOutcome, matchLine } from '../../../src/core/costs/match.js';
import { createResourceIndex, type ResourceRow } from '../../../src/core/costs/resource-index.js';
import { aLine, aResource, at } from './builders.js';

const snapshotLine = (name: string, region = 'syd1', sizeGb = '3.18') =>
  aLine({ product: 'Droplet Snapshots', description: `${name} (${region}) ${sizeGb}GB Droplet Snapshot` });

interface Case {
  readonly called: string;
  readonly resources: readonly ResourceRow[];
  readonly line: MatchableLine;
  readonly outcome: MatchOutcome;
}

const matched = (kind: MatchOutcome['kind'], resourceId: string, reason: string): MatchOutcome => ({
  kind,
  status: 'matched',
  resourceId,
  reason,
  makeHistoric: null,
});
const without = (kind: MatchOutcome['kind'], status: MatchOutcome['status'], reason: string): MatchOutcome => ({
  kind,
  status,
  resourceId: null,
  reason,
  makeHistoric: null,
});

const CASES: readonly Case[] = [
  {
    called: 'a droplet by its name, whatever the label of its size',
    resources: [aResource({ id: 'r1' }), aResource({ kind: 'snapshot' })],
    line: aLine({ description: 'web-1 (c-4-8GiB)' }),
    outcome: matched('droplet', 'r1', 'The droplet "web-1" bears the billed name.'),
  },
  {
    called: 'a droplet in another case',
    resources: [aResource({ id: 'r1', name: 'WEB-1' })],
    line: aLine(),
    outcome: matched('droplet', 'r1', 'The droplet "web-1" bears the billed name.'),
  },
  {
    called: 'a backup to its parent droplet, not to a backup of that name',
    resources: [aResource({ id: 'r1' }), aResource({ id: 'r2', kind: 'droplet_backup' })],
    line: aLine({ product: 'Droplet Backups', description: 'web-1 (Weekly Backup Services)' }),
    outcome: matched(
      'droplet_backup',
      'r1',
      'The droplet "web-1" bears the billed name; backups are billed to their droplet.',
    ),
  },
  {
    called: 'what exists rather than what is gone',
    resources: [aResource({ id: 'r1', deletedAt: at('2026-04-10') }), aResource({ id: 'r2' })],
    line: aLine(),
    outcome: matched('droplet', 'r2', 'The droplet "web-1" bears the billed name.'),
  },
  {
    called: 'what is gone to its tombstone',
    resources: [aResource({ id: 'r1', deletedAt: at('2026-04-10') })],
    line: aLine(),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: 'r1',
      reason: 'The droplet "web-1" bore the billed name and is gone from the provider.',
      makeHistoric: null,
    },
  },
  {
    called: 'what was never listed to a resource to be made',
    resources: [aResource({ name: 'mail' })],
    line: aLine({ description: 'Render-Burst (c-4)' }),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: null,
      reason: 'No droplet "Render-Burst" or nearly so was ever listed; it is known from invoices alone.',
      makeHistoric: { kind: 'droplet', name: 'Render-Burst' },
    },
  },
  {
    called: 'what was never listed to the resource that an ingest made, for the same reason',
    resources: [aResource({ id: 'r9', name: 'render-burst', isFromInvoice: true, deletedAt: at('2026-05-02') })],
    line: aLine({ description: 'Render-Burst (c-4)' }),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: 'r9',
      reason: 'No droplet "Render-Burst" or nearly so was ever listed; it is known from invoices alone.',
      makeHistoric: null,
    },
  },
  {
    called: 'the backup of a droplet that is gone to a droplet to be made',
    resources: [],
    line: aLine({ product: 'Droplet Backups', description: 'old-1 (Weekly Backup Services)' }),
    outcome: {
      kind: 'droplet_backup',
      status: 'historic',
      resourceId: null,
      reason: 'No droplet "old-1" or nearly so was ever listed; it is known from invoices alone.',
      makeHistoric: { kind: 'droplet', name: 'old-1' },
    },
  },
  {
    called: 'a tombstone rather than a resource that an ingest made before the first sync',
    resources: [aResource({ id: 'r1', isFromInvoice: true }), aResource({ id: 'r2', deletedAt: at('2026-06-01') })],
    line: aLine(),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: 'r2',
      reason: 'The droplet "web-1" bore the billed name and is gone from the provider.',
      makeHistoric: null,
    },
  },
  {
    called: 'none of two namesakes that nothing tells apart',
    resources: [aResource({ id: 'r1' }), aResource({ id: 'r2' })],
    line: aLine(),
    outcome: without(
      'droplet',
      'ambiguous',
      '2 droplets are called "web-1" and the line does not tell which; the provider\'s invoice items hold the id.',
    ),
  },
  {
    called: 'none of two gone namesakes that nothing tells apart',
    resources: [
      aResource({ id: 'r1', deletedAt: at('2026-04-20') }),
      aResource({ id: 'r2', deletedAt: at('2026-04-21') }),
    ],
    line: aLine(),
    outcome: without(
      'droplet',
      'ambiguous',
      '2 droplets that are gone were called "web-1" and the line does not tell which; the provider\'s invoice items hold the id.',
    ),
  },
  {
    called: 'the namesake in the exact case',
    resources: [aResource({ id: 'r1', name: 'Web-1' }), aResource({ id: 'r2', name: 'web-1' })],
    line: aLine(),
    outcome: matched(
      'droplet',
      'r2',
      'The droplet "web-1", told from its namesakes by the exact spelling, bears the billed name.',
    ),
  },
  {
    called: 'the namesake in the region of the line',
    resources: [
      aResource({ id: 'r1', kind: 'snapshot', name: 'nightly', region: 'syd1' }),
      aResource({ id: 'r2', kind: 'snapshot', name: 'nightly', region: 'fra1' }),
    ],
    line: snapshotLine('nightly', 'fra1'),
    outcome: matched(
      'snapshot',
      'r2',
      'The snapshot "nightly", told from its namesakes by its region, bears the billed name.',
    ),
  },
  {
    called: 'the namesake of the size of the line',
    resources: [
      aResource({ id: 'r1', kind: 'snapshot', name: 'nightly', sizeGb: 2.5 }),
      aResource({ id: 'r2', kind: 'snapshot', name: 'nightly', sizeGb: 3.18 }),
    ],
    line: snapshotLine('nightly', 'syd1', '2.50'),
    outcome: matched(
      'snapshot',
      'r1',
      'The snapshot "nightly", told from its namesakes by its size, bears the billed name.',
    ),
  },
  {
    called: 'of gone namesakes the one that was there at the time',
    resources: [
      aResource({ id: 'r1', deletedAt: at('2026-03-20') }),
      aResource({ id: 'r2', deletedAt: at('2026-04-21') }),
      aResource({ id: 'r3', deletedAt: at('2026-08-21'), firstSeenAt: at('2026-05-01') }),
    ],
    line: aLine(),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: 'r2',
      reason:
        'The droplet "web-1", told from its namesakes by the time when it existed, bore the billed name and is gone from the provider.',
      makeHistoric: null,
    },
  },
  {
    called: 'the namesake that existed for the whole time of the line',
    resources: [
      aResource({ id: 'r1', createdAt: at('2026-03-01') }),
      aResource({ id: 'r2', createdAt: at('2026-04-12') }),
    ],
    line: aLine(),
    outcome: matched(
      'droplet',
      'r1',
      'The droplet "web-1", told from its namesakes by the time when it existed, bears the billed name.',
    ),
  },
  {
    called: 'the namesake that was created when the line begins',
    resources: [
      aResource({ id: 'r1', createdAt: at('2026-03-01') }),
      aResource({ id: 'r2', createdAt: at('2026-04-12') }),
    ],
    line: aLine({ startsAt: at('2026-04-12') }),
    outcome: matched(
      'droplet',
      'r2',
      'The droplet "web-1", told from its namesakes by the time when it was created, bears the billed name.',
    ),
  },
  {
    called: 'the namesake that earlier lines bill',
    resources: [aResource({ id: 'r1', isBilledBefore: true }), aResource({ id: 'r2' })],
    line: aLine(),
    outcome: matched(
      'droplet',
      'r1',
      'The droplet "web-1", told from its namesakes by earlier lines that bill it, bears the billed name.',
    ),
  },
  {
    called: 'what was gone afterwards rather than its successor of the same name',
    resources: [
      aResource({ id: 'r1', createdAt: at('2026-03-01'), deletedAt: at('2026-04-20') }),
      aResource({ id: 'r2', createdAt: at('2026-04-15') }),
    ],
    line: aLine({ endsAt: at('2026-04-20') }),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: 'r1',
      reason: 'The droplet "web-1" bore the billed name and is gone from the provider.',
      makeHistoric: null,
    },
  },
  {
    called: 'nothing that was created after the line or was gone before it',
    resources: [
      aResource({ id: 'r1', deletedAt: at('2026-04-01') }),
      aResource({ id: 'r2', createdAt: at('2026-05-01') }),
    ],
    line: aLine(),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: null,
      reason:
        'Every droplet that was listed as "web-1" existed at another time; the billed one is known from invoices alone.',
      makeHistoric: { kind: 'droplet', name: 'web-1' },
    },
  },
  {
    called: 'nothing to a near miss, but names it',
    resources: [aResource({ kind: 'snapshot', name: 'studio-demo golden image' })],
    line: snapshotLine('studio-demo golden-image'),
    outcome: without(
      'snapshot',
      'unmatched',
      'No snapshot is called "studio-demo golden-image"; the likeliest is "studio-demo golden image", give it the billed name if it is the same.',
    ),
  },
  {
    called: 'nothing to a near miss that is gone, but names it',
    resources: [aResource({ name: 'staging-alpha', deletedAt: at('2026-04-01') })],
    line: aLine({ description: 'staging-alhpa (s-1vcpu-1gb)' }),
    outcome: without(
      'droplet',
      'unmatched',
      'No droplet is called "staging-alhpa"; the likeliest is "staging-alpha", which is gone from the provider.',
    ),
  },
  {
    called: 'what nearly has the name of a resource known from invoices to a resource of its own',
    resources: [aResource({ name: 'staging-alpha', isFromInvoice: true })],
    line: aLine({ description: 'staging-alhpa (s-1vcpu-1gb)' }),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: null,
      reason: 'No droplet "staging-alhpa" or nearly so was ever listed; it is known from invoices alone.',
      makeHistoric: { kind: 'droplet', name: 'staging-alhpa' },
    },
  },
  {
    called: 'what an ingest once made a resource for to it, though something near came to exist since',
    resources: [
      aResource({ id: 'r9', name: 'staging-alhpa', isFromInvoice: true }),
      aResource({ name: 'staging-alpha', firstSeenAt: at('2026-09-01') }),
    ],
    line: aLine({ description: 'staging-alhpa (s-1vcpu-1gb)' }),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: 'r9',
      reason: 'No droplet "staging-alhpa" or nearly so was ever listed; it is known from invoices alone.',
      makeHistoric: null,
    },
  },
  {
    called: 'what nearly has the name of another kind of resource to one of its own kind',
    resources: [aResource({ kind: 'volume', name: 'staging-alpha' })],
    line: aLine({ description: 'staging-alhpa (s-1vcpu-1gb)' }),
    outcome: {
      kind: 'droplet',
      status: 'historic',
      resourceId: null,
      reason: 'No droplet "staging-alhpa" or nearly so was ever listed; it is known from invoices alone.',
      makeHistoric: { kind: 'droplet', name: 'staging-alhpa' },
    },
  },
  {
    called: 'a tax',
    resources: [aResource({ name: 'GST' })],
    line: aLine({ product: 'Taxes', description: 'GST (10.00%)' }),
    outcome: without(null, 'tax', 'A tax on the invoice as a whole.'),
  },
  {
    called: 'a droplet whose name is a tax',
    resources: [aResource({ id: 'r1', name: 'gst' })],
    line: aLine({ description: 'gst (s-1vcpu-1gb)' }),
    outcome: matched('droplet', 'r1', 'The droplet "gst" bears the billed name.'),
  },
  {
    called: 'the Spaces subscription to the account, whatever buckets there are',
    resources: [aResource({ kind: 'spaces_bucket', name: 'Spaces' })],
    line: aLine({ product: 'Spaces Subscription', description: 'Spaces ($5/mo 250GB storage & 1TB bandwidth)' }),
    outcome: without(
      'spaces_bucket',
      'account_level',
      '"Spaces Subscription" is billed to the account, to no single resource.',
    ),
  },
  {
    called: 'a line of Spaces that names a bucket',
    resources: [aResource({ id: 'r1', kind: 'spaces_bucket', name: 'skyai-assets' })],
    line: aLine({ product: 'Spaces', description: 'skyai-assets (syd1)' }),
    outcome: matched('spaces_bucket', 'r1', 'The Spaces bucket "skyai-assets" bears the billed name.'),
  },
  {
    called: 'a line of Spaces that names none to the account',
    resources: [],
    line: aLine({ product: 'Spaces', description: 'Additional storage' }),
    outcome: without(
      'spaces_bucket',
      'account_level',
      'No Spaces bucket is called "Additional storage", so the account as a whole bears it.',
    ),
  },
  {
    called: 'a reserved IP by its address',
    resources: [aResource({ id: 'r1', kind: 'floating_ip', name: '1.1.1.1' })],
    line: aLine({ product: 'Floating IPs', description: 'Unused Floating IP - 1.1.1.1' }),
    outcome: matched('floating_ip', 'r1', 'The reserved IP "1.1.1.1" bears the billed name.'),
  },
  {
    called: 'another address never as a near miss',
    resources: [aResource({ kind: 'floating_ip', name: '1.1.1.2' })],
    line: aLine({ product: 'Reserved IPs', description: 'Unused Reserved IP - 1.1.1.1' }),
    outcome: {
      kind: 'floating_ip',
      status: 'historic',
      resourceId: null,
      reason: 'No reserved IP "1.1.1.1" or nearly so was ever listed; it is known from invoices alone.',
      makeHistoric: { kind: 'floating_ip', name: '1.1.1.1' },
    },
  },
  {
    called: 'a Kubernetes cluster by its group description',
    resources: [aResource({ id: 'r1', kind: 'k8s_cluster', name: 'my-doks-cluster' })],
    line: aLine({ product: 'Kubernetes Clusters', groupDescription: 'my-doks-cluster', description: 'a56e086a317d' }),
    outcome: matched('k8s_cluster', 'r1', 'The Kubernetes cluster "my-doks-cluster" bears the billed name.'),
  },
  {
    called: 'a database cluster by its description where the group is another name',
    resources: [aResource({ id: 'r1', kind: 'managed_db', name: 'orders' })],
    line: aLine({ product: 'Database Clusters', groupDescription: 'shop', description: 'orders (db-s-1vcpu-1gb)' }),
    outcome: matched('managed_db', 'r1', 'The database cluster "orders" bears the billed name.'),
  },
  {
    called: 'nothing where the product is unknown',
    resources: [aResource()],
    line: aLine({ product: 'Quantum Modules', description: 'web-1 (q-1)' }),
    outcome: without(
      null,
      'unmatched',
      'Nothing tells what "Quantum Modules" bills; look for the line in the provider\'s control panel.',
    ),
  },
  {
    called: 'nothing where the line names nothing',
    resources: [aResource()],
    line: aLine({ description: '' }),
    outcome: without('droplet', 'unmatched', "The line names no droplet; look for it in the provider's control panel."),
  },
];

describe('the matcher attaches', () => {
  it.each(CASES.map((each) => [each.called, each] as const))('%s', (_, { resources, line, outcome }) => {
    expect(matchLine(line, createResourceIndex(resources))).toEqual(outcome);
  });
});
