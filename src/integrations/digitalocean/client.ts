import { createActions } from './actions.js';
import { createBalance } from './balance.js';
import { createBillingHistory } from './billing-history.js';
import { createDomains } from './domains.js';
import { createDroplets } from './droplets.js';
import { createFirewalls } from './firewalls.js';
import { createFloatingIps } from './floating-ips.js';
import { createInvoices } from './invoices.js';
import { createLoadBalancers } from './load-balancers.js';
import { createMonitoring } from './monitoring.js';
import { createPages } from './paging.js';
import { createProjects } from './projects.js';
import { createSnapshots } from './snapshots.js';
import { createTags } from './tags.js';
import {
  createTransport,
  type Guard,
  guarded,
  type Purpose,
  type Transport,
  type TransportOptions,
} from './transport.js';
import { createVolumes } from './volumes.js';
import { createVpcs } from './vpcs.js';

export type { Page } from './paging.js';
export type { CallOptions, Purpose, RequestEvent } from './transport.js';

export interface DigitalOceanOptions extends Omit<TransportOptions, 'purpose' | 'token'> {
  readonly tokens: Readonly<Record<Purpose, string>>;
}

export type DigitalOceanClient = ReturnType<typeof createClient>;

/** One client a purpose: each has its token and its rate limit, so that none starves another. */
export interface DigitalOcean extends Readonly<Record<Purpose, DigitalOceanClient>> {
  /** The one for provisioning, for a holder who may lose what it holds: it is asked right before each request. */
  provisioningFor(holder: Guard): DigitalOceanClient;
}

/** Every method may throw ProviderError; a signal that is aborted throws its own reason instead. */
export function createDigitalOcean({ tokens, ...options }: DigitalOceanOptions): DigitalOcean {
  const transportOf = (purpose: Purpose) => createTransport({ ...options, purpose, token: tokens[purpose] });
  const provisioning = transportOf('provisioning');
  return {
    sync: createClient(transportOf('sync')),
    billing: createClient(transportOf('billing')),
    provisioning: createClient(provisioning),
    provisioningFor: (holder) => createClient(guarded(provisioning, holder)),
  };
}

function createClient(transport: Transport) {
  const pages = createPages(transport);
  return {
    pages,
    actions: createActions(transport),
    balance: createBalance(transport),
    billingHistory: createBillingHistory(pages),
    domains: createDomains(transport, pages),
    droplets: createDroplets(transport, pages),
    firewalls: createFirewalls(pages),
    floatingIps: createFloatingIps(pages),
    invoices: createInvoices(transport, pages),
    loadBalancers: createLoadBalancers(pages),
    monitoring: createMonitoring(transport),
    projects: createProjects(transport, pages),
    snapshots: createSnapshots(transport, pages),
    tags: createTags(transport),
    volumes: createVolumes(pages),
    vpcs: createVpcs(pages),
  };
}
