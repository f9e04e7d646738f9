export interface Example {
  readonly title: string;
  readonly query: string;
  readonly variables?: object;
  /** Offered by the menu alone, so that the tabs stay few. */
  readonly menuOnly?: boolean;
}

/** What the page offers to start from, in the order of its tabs and its menu. A server that lacks a root field is not offered it. */
export const examples: readonly Example[] = [
  {
    title: 'Inventory',
    query: `# What exists at the provider, and in which project.
query Inventory($first: Int = 20, $after: Cursor, $filter: ResourceFilter) {
  resources(first: $first, after: $after, filter: $filter) {
    totalCount
    nodes {
      kind
      name
      status
      region
      tenantId
      project {
        name
      }
      lastSeenAt
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  },
  {
    title: 'Watch syncs',
    query: `# Live: each page that a sync fetches, each change found.
# Run it in one window and start a sync in another.
subscription WatchSyncs($after: Cursor) {
  syncEvents(after: $after) {
    cursor
    type
    at
    message
    run {
      scope
      status
      seen
    }
    resource {
      kind
      name
    }
  }
}
`,
  },
  {
    title: 'Start a sync',
    query: `# Without scopes: all of them. None is queued twice.
mutation StartSync($scopes: [SyncScope!]) {
  startSync(scopes: $scopes) {
    runs {
      id
      scope
      status
    }
  }
}
`,
    variables: { scopes: ['PROJECTS', 'DROPLETS', 'DOMAINS'] },
  },
  {
    title: 'Sync runs',
    query: `# The newest sweeps and what they found.
query SyncRuns($scope: SyncScope) {
  syncRuns(first: 20, scope: $scope) {
    nodes {
      scope
      status
      finishedAt
      seen
      discovered
      updated
      restored
      deleted
      error
    }
  }
}
`,
  },
  {
    title: 'Cloud invoices',
    query: `# DigitalOcean's bills, and how well they are explained.
query CloudInvoices($after: Cursor) {
  cloudInvoices(first: 12, after: $after) {
    totalCount
    nodes {
      id
      period
      total {
        amount
        currency
      }
      tax {
        amount
      }
      ingestStatus
      lineCount
      matchRate
    }
    pageInfo {
      endCursor
    }
  }
}
`,
  },
  {
    title: 'Cost lines',
    query: `# A month's lines: which resource caused each, or why none.
query CostLines($filter: CostLineFilter) {
  costLines(first: 50, filter: $filter) {
    totalCount
    nodes {
      lineNumber
      description
      kind
      amount {
        amount
        currency
      }
      matchStatus
      matchReason
      resource {
        name
        deletedAt
      }
    }
  }
}
`,
    variables: { filter: { period: '2026-04-01' } },
  },
  {
    title: 'Plans',
    menuOnly: true,
    query: `# What a tenant can subscribe to, and what each plan includes.
query Plans {
  plans {
    code
    name
    activeVersion {
      version
      basePrice {
        amount
        currency
      }
      items {
        kind
        includedQuantity
        overageUnit
        overagePriceCents
      }
    }
  }
  addons {
    code
    name
    price {
      amount
    }
  }
}
`,
  },
  {
    title: 'Quote',
    query: `# Priced by the engine that also writes the invoices.
query Quote($input: QuoteInput!) {
  quote(input: $input) {
    prorationFraction
    recurring {
      lines {
        description
        amount {
          amount
        }
      }
      total {
        amount
        currency
      }
    }
    firstInvoice {
      total {
        amount
      }
    }
    overage {
      lines {
        description
        amount {
          amount
        }
      }
      total {
        amount
      }
    }
    allInMonthly {
      amount
      currency
    }
  }
}
`,
    variables: {
      input: {
        planCode: 'studio',
        addons: ['storage_50gb'],
        startsOn: '2026-05-20',
        projectedUsage: [
          { kind: 'DROPLET_HOURS', quantity: '1488' },
          { kind: 'SPACES_GB_MONTH', quantity: '200' },
        ],
      },
    },
  },
  {
    title: 'Create a deployment',
    query: `# Its saga makes the droplet; watch it with the id answered here.
mutation CreateDeployment($input: CreateDeploymentInput!) {
  createDeployment(input: $input) {
    deployment {
      id
      slug
      state
    }
    saga {
      id
      status
      steps {
        name
        status
      }
    }
  }
}
`,
    variables: {
      input: {
        slug: 'hello',
        displayName: 'Hello',
        provision: {
          sizeSlug: 's-1vcpu-1gb',
          image: 'ubuntu-24-04-x64',
          region: 'syd1',
          dns: { domain: 'sky-ai.com', name: 'hello' },
        },
      },
    },
  },
  {
    title: 'Deployments',
    query: `# Each deployment with what it pays and what it used.
query Deployments($from: Date!, $to: Date!, $filter: DeploymentFilter) {
  deployments(first: 20, filter: $filter) {
    totalCount
    nodes {
      id
      tenantId
      slug
      state
      subscription {
        id
        status
        startsOn
        planVersion {
          version
          plan {
            name
          }
        }
        addons {
          addon {
            name
          }
          startsOn
        }
      }
      usage(from: $from, to: $to) {
        kind
        quantity
      }
    }
  }
}
`,
    variables: { from: '2026-04-01', to: '2026-04-30' },
  },
  {
    title: 'Subscribe',
    menuOnly: true,
    query: `# To the active version of a plan; the id is a deployment's.
mutation Subscribe($id: ID!, $planCode: String!, $addons: [String!]!, $startsOn: Date) {
  subscribeDeployment(id: $id, planCode: $planCode, addons: $addons, startsOn: $startsOn) {
    subscription {
      id
      startsOn
      currentPeriodEnd
      planVersion {
        basePrice {
          amount
          currency
        }
      }
      addons {
        quantity
        price {
          amount
        }
      }
    }
  }
}
`,
    variables: { id: '', planCode: 'studio', addons: ['storage_50gb'], startsOn: '2026-04-01' },
  },
  {
    title: 'Meter a day',
    menuOnly: true,
    query: `# A complete day; metered again, it stays as it is.
mutation MeterDay($day: Date!) {
  meterUsage(day: $day) {
    recordCount
  }
}
`,
    variables: { day: '2026-04-30' },
  },
  {
    title: 'Roll up a month',
    menuOnly: true,
    query: `# Drafts each tenant's invoice. With force, drafts are written anew.
mutation RollUpMonth($period: Date!, $tenantId: String, $force: Boolean) {
  rollUpInvoices(period: $period, tenantId: $tenantId, force: $force) {
    created
    skipped
    replaced
    failed {
      tenantId
      reason
    }
  }
}
`,
    variables: { period: '2026-04-01', force: false },
  },
  {
    title: 'Invoices',
    query: `# Our bills, line by line; meta tells how an amount came about.
query Invoices($after: Cursor, $filter: InvoiceFilter) {
  invoices(first: 10, after: $after, filter: $filter) {
    totalCount
    nodes {
      id
      number
      tenantId
      period
      status
      total {
        amount
        currency
      }
      lines {
        deployment {
          slug
        }
        line {
          kind
          description
          amount {
            amount
          }
          meta
        }
      }
    }
    pageInfo {
      endCursor
    }
  }
}
`,
    variables: { filter: { period: '2026-04-01' } },
  },
  {
    title: 'Issue an invoice',
    menuOnly: true,
    query: `# Gives a draft its number; from here on nothing changes it.
mutation IssueInvoice($id: ID!) {
  issueInvoice(id: $id) {
    invoice {
      number
      status
      issuedAt
    }
  }
}
`,
    variables: { id: '' },
  },
  {
    title: 'Change a record',
    query: `# Answers the saga that does it. The same data again changes nothing.
mutation ChangeRecord($input: DnsRecordInput!) {
  upsertDnsRecord(input: $input) {
    saga {
      id
      kind
      status
    }
  }
}
`,
    variables: { input: { domain: 'sky-ai.com', type: 'A', name: 'status', data: '203.0.113.7', ttl: 300 } },
  },
  {
    title: 'Sagas',
    query: `# The newest changes of the cloud and how far each is.
query Sagas($after: Cursor, $filter: SagaFilter) {
  sagas(first: 20, after: $after, filter: $filter) {
    totalCount
    nodes {
      id
      kind
      status
      error
      startedBy
      createdAt
      steps {
        name
        status
        error
      }
    }
    pageInfo {
      endCursor
    }
  }
}
`,
  },
  {
    title: 'Watch a saga',
    query: `# The history first, then live, until the saga ends.
subscription WatchSaga($sagaId: ID!, $after: Cursor) {
  sagaProgress(sagaId: $sagaId, after: $after) {
    sequence
    type
    stepIndex
    stepName
    message
    status
    at
    cursor
  }
}
`,
    variables: { sagaId: '' },
  },
  {
    title: 'Drift',
    query: `# What is not as we asked for it. Run detectDrift first, or wait for twenty past the hour;
# then acceptDrift(id) or revertDrift(id).
query Drifts($status: DriftStatus = OPEN, $after: Cursor) {
  drifts(first: 20, after: $after, status: $status) {
    totalCount
    nodes {
      id
      resource {
        name
      }
      field
      expected
      actual
      status
      detectedAt
      resolvedBy
    }
    pageInfo {
      endCursor
    }
  }
}
`,
  },
  {
    title: 'Put drift back',
    query: `# Size, name and tags of a droplet; watch the saga with the id answered here.
mutation RevertDrift($id: ID!) {
  revertDrift(id: $id) {
    drift {
      field
      status
    }
    saga {
      id
      kind
      status
    }
  }
}
`,
    variables: { id: '' },
  },
  {
    title: 'Margin',
    query: `# Revenue against what the cloud cost.
query Margin($period: Date!, $cogsTax: CogsTax) {
  margin(period: $period, cogsTax: $cogsTax) {
    currency
    overall {
      ...figures
    }
    byTenant {
      tenantId
      margin {
        ...figures
      }
    }
    cogsByKind {
      kind
      cogs {
        amount
      }
    }
  }
}

fragment figures on Margin {
  revenue {
    amount
  }
  cogs {
    amount
  }
  margin {
    amount
  }
  marginPercent
}
`,
    variables: { period: '2026-04-01', cogsTax: 'INCLUDED' },
  },
];
