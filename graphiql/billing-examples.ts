import type { Example } from './examples.js';

export const billingExamples: readonly Example[] = [
  {
    title: 'Usage',
    query: `# What was metered for a deployment.
query Usage($deploymentId: ID!, $from: Date!, $to: Date!) {
  usageRecords(deploymentId: $deploymentId, from: $from, to: $to, first: 50) {
    totalCount
    nodes {
      kind
      periodStart
      quantity
      resource {
        name
      }
    }
  }
}
`,
    variables: { deploymentId: '<deployment id>', from: '2026-04-01', to: '2026-04-30' },
  },
  {
    title: 'Meter a day',
    query: `# Again refreshes it; a day of an issued month is rejected.
mutation MeterUsage($day: Date!) {
  meterUsage(day: $day) {
    recordCount
  }
}
`,
    variables: { day: '2026-05-01' },
  },
  {
    title: 'Metering rules',
    query: `# How fine each kind is metered, and how long records are kept.
query MeteringRules {
  meteringConfig {
    kind
    granularity
    retentionDays
  }
}
`,
  },
  {
    title: 'Set a metering rule',
    query: `# From the next metering on.
mutation SetMeteringConfig($input: MeteringConfigInput!) {
  setMeteringConfig(input: $input) {
    config {
      kind
      granularity
      retentionDays
    }
  }
}
`,
    variables: { input: { kind: 'DROPLET_HOURS', granularity: 'DAILY', retentionDays: 760 } },
  },
  {
    title: 'Record LLM usage',
    query: `# As the gateway does: once for each request id; another content is rejected.
mutation RecordLlmUsage($events: [LlmUsageInput!]!) {
  recordLlmUsage(events: $events) {
    results {
      gatewayRequestId
      outcome
      reason
    }
  }
}
`,
    variables: {
      events: [
        {
          gatewayRequestId: 'req-0001',
          deploymentId: '<deployment id>',
          occurredAt: '2026-05-01T09:30:00Z',
          model: 'small-1',
          inputTokens: 1200,
          outputTokens: 350,
          charge: '0.0155',
        },
      ],
    },
  },
  {
    title: 'Invoices',
    query: `# Newest month first.
query Invoices($filter: InvoiceFilter, $after: Cursor) {
  invoices(first: 20, filter: $filter, after: $after) {
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
      receivable {
        pushedStatus
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
    title: 'One invoice',
    query: `# With its lines.
query OneInvoice($id: ID!) {
  invoice(id: $id) {
    number
    status
    lines {
      id
      position
      deployment {
        slug
      }
      line {
        kind
        description
        quantity
        amount {
          amount
        }
      }
    }
    total {
      amount
      currency
    }
  }
}
`,
    variables: { id: '<invoice id>' },
  },
  {
    title: 'One invoice line',
    query: `# How its amount came about.
query OneInvoiceLine($id: ID!) {
  invoiceLine(id: $id) {
    line {
      description
      amount {
        amount
      }
      meta
    }
  }
}
`,
    variables: { id: '<invoice line id>' },
  },
  {
    title: 'Roll up a month',
    query: `# One draft for each tenant and currency. With force: drafts are written anew.
mutation RollUpInvoices($period: Date!, $tenantId: String, $allowUnmetered: Boolean, $force: Boolean) {
  rollUpInvoices(
    period: $period
    tenantId: $tenantId
    allowUnmetered: $allowUnmetered
    force: $force
  ) {
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
    variables: { period: '2026-04-01', tenantId: 'acme', allowUnmetered: true, force: false },
  },
  {
    title: 'Issue an invoice',
    query: `# It gets its number and can never change again.
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
    variables: { id: '<draft invoice id>' },
  },
  {
    title: 'Mark an invoice paid',
    query: `# Finance is told as well.
mutation MarkInvoicePaid($id: ID!) {
  markInvoicePaid(id: $id) {
    invoice {
      number
      status
      paidAt
    }
  }
}
`,
    variables: { id: '<issued invoice id>' },
  },
  {
    title: 'Void an invoice',
    query: `# Its number stays taken; its month is not billed again.
mutation VoidInvoice($id: ID!, $reason: String!) {
  voidInvoice(id: $id, reason: $reason) {
    invoice {
      number
      status
      voidedAt
    }
  }
}
`,
    variables: { id: '<draft invoice id>', reason: 'Billed to the wrong tenant' },
  },
  {
    title: 'One cloud invoice',
    query: `# A bill of the provider, and whether finance has it.
query OneCloudInvoice($id: ID!) {
  cloudInvoice(id: $id) {
    period
    total {
      amount
      currency
    }
    ingestStatus
    lineCount
    financeInvoiceId
    financeError
  }
}
`,
    variables: { id: '<cloud invoice id>' },
  },
  {
    title: 'Ingest a bill anew',
    query: `# Replaces its lines and matches them again.
mutation IngestCloudInvoice($id: ID!) {
  ingestCloudInvoice(id: $id) {
    invoice {
      period
      ingestStatus
    }
  }
}
`,
    variables: { id: '<cloud invoice id>' },
  },
  {
    title: 'Balance',
    query: `# The newest snapshot of the provider's account, and the rates in force.
query Balance {
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
  fxRates {
    base
    quote
    effectiveFrom
    rate
  }
}
`,
  },
  {
    title: 'Failed roll-ups',
    query: `# Invoices that could not be drafted, and why.
query FailedRollUps($filter: RollUpFailureFilter) {
  rollUpFailures(first: 20, filter: $filter) {
    nodes {
      tenantId
      reason
    }
  }
}
`,
    variables: { filter: { resolved: false } },
  },
];
