import { marginExamples } from './margin-examples.js';

export interface Example {
  readonly title: string;
  readonly query: string;
  readonly variables?: object;
}

/** What the page offers to start from, in the order of its tabs. A server that lacks a root field is not offered it. */
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
    title: 'Billing history',
    query: `# Reads it now; what is new is ingested in the background.
mutation ReadBillingHistory {
  discoverCloudInvoices {
    discovered
    queued
  }
  refreshBalance {
    balance {
      takenAt
      monthToDateUsage {
        amount
        currency
      }
      accountBalance {
        amount
      }
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
  ...marginExamples,
];
