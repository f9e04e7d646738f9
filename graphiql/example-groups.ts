import { billingExamples } from './billing-examples.js';
import { catalogExamples } from './catalog-examples.js';
import { changeExamples } from './change-examples.js';
import { deploymentExamples } from './deployment-examples.js';
import { type Example, examples } from './examples.js';
import { inventoryExamples } from './inventory-examples.js';

export interface ExampleGroup {
  readonly title: string;
  readonly examples: readonly Example[];
}

/** Everything that the menu offers: first what the page opens with, then an example of every other root field by its area. */
export const exampleGroups: readonly ExampleGroup[] = [
  { title: 'Start here', examples },
  { title: 'Inventory', examples: inventoryExamples },
  { title: 'Catalog', examples: catalogExamples },
  { title: 'Deployments', examples: deploymentExamples },
  { title: 'Usage and invoices', examples: billingExamples },
  { title: 'Cloud changes and drift', examples: changeExamples },
];

export const allExamples: readonly Example[] = exampleGroups.flatMap((group) => group.examples);
