import { Inventory1763600000100 } from './1763600000100-inventory.js';

/** In the order in which they run. */
export const migrations = [Inventory1763600000100];
