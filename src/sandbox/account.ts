/**
 * A DigitalOcean account as the sandbox keeps it: collections of objects in the shapes of the official API document, by
 * id, so that an answer is an object of the state and little else. Plain JSON throughout.
 */
export interface Account {
  droplets: Record<string, WireObject>;
  /** Backups by droplet id. */
  backups: Record<string, WireObject[]>;
  snapshots: Record<string, WireObject>;
  volumes: Record<string, WireObject>;
  floatingIps: Record<string, WireObject>;
  firewalls: Record<string, WireObject>;
  loadBalancers: Record<string, WireObject>;
  vpcs: Record<string, WireObject>;
  /** By name, each with its records in order. */
  domains: Record<string, { domain: WireObject; records: WireObject[] }>;
  /** By id, each with its members in order. */
  projects: Record<string, { project: WireObject; members: ProjectMember[] }>;
  /** Buckets of object storage, by name. */
  spaces: Record<string, SandboxBucket>;
  /** By name. */
  tags: Record<string, WireObject>;
  actions: Record<string, WireObject>;
  sizes: WireObject[];
  regions: WireObject[];
  images: WireObject[];
  billing: Billing;
  /** The next id of what the provider numbers (droplets, actions, records, snapshots, images). */
  nextId: number;
}

export type WireObject = Record<string, unknown>;

/** Its objects are made up as they are listed: so many, of so many bytes in all. */
export interface SandboxBucket {
  region: string;
  created_at: string;
  object_count: number;
  bytes: number;
}

export interface ProjectMember {
  urn: string;
  assigned_at: string;
  links: { self: string };
  status: string;
}

export interface Billing {
  balance: WireObject;
  /** Newest first, as the API lists them. */
  history: WireObject[];
  /** Newest first. */
  invoices: SandboxInvoice[];
}

export interface SandboxInvoice {
  uuid: string;
  invoiceId: string;
  /** YYYY-MM */
  period: string;
  /** Total in cents, tax included: the sum of the lines. */
  totalCents: number;
  updatedAt: string;
  lines: SandboxInvoiceLine[];
  /** Invoices until 2020 have no `category` column. */
  hasCategory: boolean;
}

export interface SandboxInvoiceLine {
  product: string;
  groupDescription: string;
  description: string;
  /** As printed: digits or empty. */
  hours: string;
  /** ISO 8601, UTC. */
  start: string;
  end: string;
  cents: number;
  projectName: string;
  category: string;
  /** Of the items API; null where DigitalOcean fills none. */
  resourceId: string | null;
  resourceUuid: string | null;
}
