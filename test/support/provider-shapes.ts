import type { Billing, ProjectMember, SandboxBucket } from '../../src/sandbox/account.js';
import type { Fault } from '../../src/sandbox/faults.js';
import type { LoggedRequest } from '../../src/sandbox/running.js';

/**
 * What tests read of DigitalOcean's objects, in the API's own names. These are assertions of types alone: the OpenAPI
 * test compares the sandbox's answers with the provider's document.
 */
export interface WireDroplet {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly size_slug: string;
  readonly vcpus: number;
  readonly memory: number;
  readonly disk: number;
  readonly locked: boolean;
  readonly tags: readonly string[];
  readonly features: readonly string[];
  readonly region: { readonly slug: string };
  readonly image: WireImage;
  readonly networks: { readonly v4: readonly WireAddress[]; readonly v6: readonly WireAddress[] };
  readonly volume_ids: readonly string[];
  readonly snapshot_ids: readonly number[];
  readonly backup_ids: readonly number[];
  readonly created_at: string;
}

export interface WireAddress {
  readonly ip_address: string;
  readonly type: string;
}

export interface WireImage {
  readonly id: number;
  readonly name: string;
  readonly slug: string | null;
  readonly type: string;
}

export interface WireSnapshot {
  readonly id: string;
  readonly name: string;
  readonly resource_id: string;
  readonly size_gigabytes: number;
  readonly created_at: string;
}

export interface WireVolume {
  readonly id: string;
  readonly name: string;
  readonly size_gigabytes: number;
  readonly droplet_ids: readonly number[];
  readonly tags: readonly string[];
}

export interface WireAction {
  readonly id: number;
  readonly type: string;
  readonly status: string;
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly resource_id: number | null;
}

export interface WireDomain {
  readonly name: string;
  readonly ttl: number;
  readonly zone_file: string;
}

export interface WireRecord {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly data: string;
  readonly ttl: number;
  readonly priority: number | null;
}

export interface WireProject {
  readonly id: string;
  readonly name: string;
  readonly is_default: boolean;
}

/** What the sandbox's own paths below `/_sandbox/` answer, by path. */
export type SandboxAnswer<Path extends string> = Path extends 'requests'
  ? { readonly requests: readonly LoggedRequest[] }
  : Path extends 'faults'
    ? { readonly faults: readonly Fault[] }
    : Path extends `state/billing/${infer Part extends keyof Billing}`
      ? Billing[Part]
      : Path extends `state/${infer Name extends keyof SandboxState}/${string}`
        ? SandboxState[Name]
        : Path extends `state/${infer Name extends keyof SandboxState}`
          ? Record<string, SandboxState[Name]>
          : unknown;

/** One object of each collection. */
interface SandboxState {
  readonly droplets: WireDroplet;
  readonly snapshots: WireSnapshot;
  readonly volumes: WireVolume;
  readonly actions: WireAction;
  readonly domains: { readonly domain: WireDomain; readonly records: readonly WireRecord[] };
  readonly projects: { readonly project: WireProject; readonly members: readonly ProjectMember[] };
  readonly spaces: SandboxBucket;
}
