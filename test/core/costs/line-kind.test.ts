import { describe, expect, it } from '@jest/globals';
import { isTaxLine, subjectOf } from '../../../src/core/costs/line-kind.js';
import { nameOf } from '../../../src/core/costs/line-name.js';
import type { ResourceKind } from '../../../src/core/inventory/resource-kind.js';

const line = (product: string, description: string, groupDescription: string | null = null) => ({
  product,
  description,
  groupDescription,
});

describe('what a line bills', () => {
  it.each<[product: string, description: string, kind: ResourceKind]>([
    ['Droplets', 'eth (s-4vcpu-8gb)', 'droplet'],
    ['GPU Droplets', 'train (gpu-h100x1-80gb)', 'droplet'],
    ['droplets', 'Abuntu (c-4-8GiB)', 'droplet'],
    ['Droplet Snapshots', 'web-1698786725800 (syd1) 3.18GB Droplet Snapshot', 'snapshot'],
    ['Snapshots', 'web-1698786725800 (syd1) 3.18GB Droplet Snapshot', 'snapshot'],
    ['Droplets', 'web-1698786725800 (syd1) 3.18GB Droplet Snapshot', 'snapshot'],
    ['Volume Snapshots', 'data-1 (sfo2) 1.50GB Volume Snapshot', 'snapshot'],
    ['Volumes', 'data-1 (sfo2) 1.50GB Volume Snapshot', 'snapshot'],
    ['Volumes', 'volume-sfo2-01 (sfo2) 100GB', 'volume'],
    ['Block Storage', 'data (sfo2) 100GB', 'volume'],
    ['Droplet Backups', 'Abuntu (Weekly Backup Services)', 'droplet_backup'],
    ['Backups', 'Abuntu (Daily Backup Services)', 'droplet_backup'],
    ['Droplets', 'Abuntu (Weekly Backup Services)', 'droplet_backup'],
    ['Floating IPs', 'Unused Floating IP - 1.1.1.1', 'floating_ip'],
    ['Reserved IPs', 'Unused Reserved IP - 1.1.1.1', 'floating_ip'],
    ['Load Balancers', 'lb-1', 'load_balancer'],
    ['Kubernetes Clusters', 'a56e086a317d8410c8b4cfd1f4dc9f82', 'k8s_cluster'],
    ['Database Clusters', 'db-1 (db-s-1vcpu-1gb)', 'managed_db'],
    ['Database Backups', 'db-1', 'managed_db'],
    ['App Platform', 'shop', 'app'],
    ['Apps', 'shop', 'app'],
    ['Spaces Bandwidth', 'skyai-assets', 'spaces_bucket'],
    ['Droplets', 'droplet-snapshots (s-1vcpu-1gb)', 'droplet'],
    ['Droplets', 'tax (s-1vcpu-1gb)', 'droplet'],
    ['Droplets', 'taxi (s-1vcpu-1gb)', 'droplet'],
    ['Droplets', 'gst-app (s-1vcpu-1gb)', 'droplet'],
    ['Droplets', 'credits.support (s-1vcpu-1gb)', 'droplet'],
    ['Droplet Snapshots', 'VAT return (syd1) 3.18GB Droplet Snapshot', 'snapshot'],
    ['', 'Droplet Snapshots', 'snapshot'],
  ])('%j, %j is a %s', (product, description, kind) => {
    expect(subjectOf(line(product, description))).toEqual({ type: 'resource', kind });
  });

  it.each([
    ['Taxes', 'STATE SALES TAX (6.25%)'],
    ['Taxes', 'VAT Switzerland (8.10%)'],
    ['taxes', 'Droplets'],
    ['Tax', ''],
    ['Taxes', 'GST (10.00%)'],
    ['', 'GST (10.00%)'],
    ['Other', 'Australia: GST'],
    ['VAT', '8.10%'],
    ['Goods and services', 'Tax location Australia - 10.00% GST.'],
  ])('%j, %j is a tax and has no kind', (product, description) => {
    expect(subjectOf(line(product, description))).toEqual({ type: 'tax', kind: null });
    expect(isTaxLine(line(product, description))).toBe(true);
  });

  it.each<[product: string, description: string, kind: ResourceKind | null]>([
    ['Spaces Subscription', 'Spaces ($5/mo 250GB storage & 1TB bandwidth)', 'spaces_bucket'],
    ['Container Registry Subscription', 'Basic', null],
    ['Premium Support', '', null],
    ['Credits', '', null],
    ['', 'Credits', null],
    ['Bandwidth', 'Outbound transfer overage', null],
    ['Uptime Health Check', 'https://example.com', null],
  ])('%j, %j is billed to the account', (product, description, kind) => {
    expect(subjectOf(line(product, description))).toEqual({ type: 'account', kind });
  });

  it.each([
    ['Quantum Modules', 'q-1 (syd1)'],
    ['SnapShooter Backups', 'plan'],
    ['Mystery', 'taxi'],
    ['Mystery', 'gst-app (x)'],
    ['Mystery', 'vat.example.com'],
    ['', ''],
  ])('%j, %j is unknown, which is no error', (product, description) => {
    expect(subjectOf(line(product, description))).toEqual({ type: 'unknown', kind: null });
  });
});

describe('the name that a line bears', () => {
  it.each<[kind: ResourceKind, description: string, name: string]>([
    ['droplet', 'eth (s-4vcpu-8gb)', 'eth'],
    ['droplet', 'Abuntu (c-4-8GiB)', 'Abuntu'],
    ['droplet', 'bare', 'bare'],
    ['droplet', 'old (blue) (s-1vcpu-1gb)', 'old (blue)'],
    ['droplet_backup', 'Abuntu (Weekly Backup Services)', 'Abuntu'],
    ['load_balancer', 'lb-1 (lb-small)', 'lb-1'],
  ])('as a %s, %j is %j', (kind, description, name) => {
    expect(nameOf(kind, line('', description))).toEqual({ names: [name], region: null, sizeGb: null });
  });

  it.each<[kind: ResourceKind, description: string, name: string, region: string, sizeGb: number]>([
    ['snapshot', 'web-1-1698786725800 (syd1) 3.18GB Droplet Snapshot', 'web-1-1698786725800', 'syd1', 3.18],
    [
      'snapshot',
      'before (the) upgrade (2025) (fra1) 10.15GB Droplet Snapshot',
      'before (the) upgrade (2025)',
      'fra1',
      10.15,
    ],
    ['snapshot', 'x (syd1) 1GB (syd1) 2GB Volume Snapshot', 'x (syd1) 1GB', 'syd1', 2],
    ['volume', 'volume-sfo2-01 (sfo2) 100GB', 'volume-sfo2-01', 'sfo2', 100],
  ])('as a %s, %j is %j, with its region and size', (kind, description, name, region, sizeGb) => {
    expect(nameOf(kind, line('', description))).toEqual({ names: [name], region, sizeGb });
  });

  it.each([
    ['Unused Floating IP - 1.1.1.1', ['1.1.1.1']],
    ['203.0.113.7 (syd1)', ['203.0.113.7']],
    ['2400:6180:0:d0::1', ['2400:6180:0:d0::1']],
    ['Reserved IPs, all of them', []],
  ])('of the reserved IP in %j is its address', (description, names) => {
    expect(nameOf('floating_ip', line('', description)).names).toEqual(names);
  });

  it('of a Kubernetes cluster is its group description, else its description', () => {
    const id = 'a56e086a317d8410c8b4cfd1f4dc9f82';
    expect(nameOf('k8s_cluster', line('', id, 'my-doks-cluster')).names).toEqual(['my-doks-cluster', id]);
    expect(nameOf('k8s_cluster', line('', id)).names).toEqual([id]);
  });

  it('of a line that says nothing is none', () => {
    expect(nameOf('droplet', line('Droplets', '')).names).toEqual([]);
  });
});
