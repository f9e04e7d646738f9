import { compileRoutes } from '../router.js';
import { actions } from './actions.js';
import { billing } from './billing.js';
import { catalog } from './catalog.js';
import { domains } from './domains.js';
import { droplets } from './droplets.js';
import { network } from './network.js';
import { projects } from './projects.js';
import { storage } from './storage.js';
import { tags } from './tags.js';

export const routes = compileRoutes(catalog, droplets, actions, storage, network, domains, projects, tags, billing);
