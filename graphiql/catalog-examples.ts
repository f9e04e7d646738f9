import type { Example } from './examples.js';

export const catalogExamples: readonly Example[] = [
  {
    title: 'Plans',
    query: `# What is on offer, at which price.
query Plans {
  plans {
    code
    name
    activeVersion {
      id
      version
      basePrice {
        amount
        currency
      }
      items {
        kind
        includedQuantity
        overagePriceCents
      }
    }
  }
  addons {
    code
    name
    kind
    quantity
    price {
      amount
    }
  }
}
`,
  },
  {
    title: 'One plan',
    query: `# Every version of a plan, and who is on it.
query OnePlan($code: String!) {
  plan(code: $code) {
    name
    versions {
      id
      version
      status
      subscriberCount
      basePrice {
        amount
      }
    }
  }
}
`,
    variables: { code: 'studio' },
  },
  {
    title: 'Resource prices',
    query: `# What usage costs that no plan item covers.
query ResourcePrices($on: Date) {
  resourcePrices(on: $on) {
    kind
    unit
    unitPriceCents
    currency
    effectiveFrom
    effectiveTo
  }
}
`,
  },
  {
    title: 'Create a plan',
    query: `# A code and a name; its first version follows.
mutation CreatePlan($input: CreatePlanInput!) {
  createPlan(input: $input) {
    plan {
      id
      code
      name
    }
  }
}
`,
    variables: { input: { code: 'team', name: 'Team', description: 'Three droplets around the clock.' } },
  },
  {
    title: 'Draft a version',
    query: `# A draft: nobody can subscribe to it yet.
mutation CreatePlanVersion($input: CreatePlanVersionInput!) {
  createPlanVersion(input: $input) {
    planVersion {
      id
      version
      status
    }
  }
}
`,
    variables: {
      input: {
        planCode: 'team',
        basePriceCents: 8000,
        items: [
          { kind: 'DROPLET_HOURS', includedQuantity: '2232', overageUnit: 'hour', overagePriceCents: '0.95' },
          { kind: 'BANDWIDTH_GB', includedQuantity: '3000', overageUnit: 'gb', overagePriceCents: '1.3' },
        ],
      },
    },
  },
  {
    title: 'Publish a version',
    query: `# It becomes the plan's active version and can never change again.
mutation PublishPlanVersion($id: ID!) {
  publishPlanVersion(id: $id) {
    planVersion {
      version
      status
      publishedAt
    }
  }
}
`,
    variables: { id: '<draft version id>' },
  },
  {
    title: 'Create an addon',
    query: `# An allowance that a subscription can buy more of.
mutation CreateAddon($input: CreateAddonInput!) {
  createAddon(input: $input) {
    addon {
      code
      price {
        amount
        currency
      }
    }
  }
}
`,
    variables: {
      input: {
        code: 'bandwidth_500gb',
        name: 'Bandwidth 500 GB',
        kind: 'BANDWIDTH_GB',
        quantity: '500',
        priceCents: 600,
      },
    },
  },
  {
    title: 'Set a resource price',
    query: `# For usage that no plan item covers, from that day on.
mutation SetResourcePrice($input: SetResourcePriceInput!) {
  setResourcePrice(input: $input) {
    resourcePrice {
      kind
      unit
      unitPriceCents
      effectiveFrom
    }
  }
}
`,
    variables: {
      input: { kind: 'VOLUME_GB_MONTH', unit: 'gb_month', unitPriceCents: '19', effectiveFrom: '2026-07-01' },
    },
  },
];
