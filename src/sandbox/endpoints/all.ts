import { compileRoutes } from '../router.js';
import { actions } from './actions.js';
import { billing } from './billing.js';
import { catalog } from './catalog.js';
import { domains } from './domains.js';
import { droplets } from './droplets.js';
import { firewalls } from './firewalls.js';
import { loadBalancers } from './load-balancers.js';
import { monitoring } from './monitoring.js';
import { projects } from './projects.js';
import { records } from './records.js';
import { reservedIps } from './reserved-ips.js';
import { snapshots } from './snapshots.js';
import { tags } from './tags.js';
import { volumes } from './volumes.js';
import { vpcs } from './vpcs.js';

export const routes = compileRoutes(
  catalog,
  droplets,
  actions,
  snapshots,
  volumes,
  reservedIps,
  firewalls,
  loadBalancers,
  vpcs,
  domains,
  records,
  monitoring,
  projects,
  tags,
  billing,
);
