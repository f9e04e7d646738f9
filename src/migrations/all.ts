import { Inventory1763600000100 } from './1763600000100-inventory.js';
import { Deployments1763600000250 } from './1763600000250-deployments.js';
import { Billing1763600000400 } from './1763600000400-billing.js';

/** In the order in which they run. */
export const migrations = [Inventory1763600000100, Deployments1763600000250, Billing1763600000400];
