import type { Example } from './examples.js';

/** What the books say: margin, what explains it, and what is to come. */
export const marginExamples: readonly Example[] = [
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
  {
    title: 'Set a rate',
    query: `# The provider bills in dollars: no report without its rate.
mutation SetFxRate($input: SetFxRateInput!) {
  setFxRate(input: $input) {
    fxRate {
      base
      quote
      effectiveFrom
      rate
    }
  }
}
`,
    variables: { input: { base: 'USD', quote: 'AUD', effectiveFrom: '2026-01-01', rate: '1' } },
  },
  {
    title: 'The dollar apart',
    query: `# The same books at this month's rate and at last month's.
query FxEffect($period: Date!) {
  margin(period: $period) {
    fxEffect {
      fxRates {
        effectiveFrom
        rate
      }
      previousFxRates {
        effectiveFrom
        rate
      }
      overall {
        margin {
          amount
        }
        marginAtPreviousRate {
          amount
        }
        fxEffect {
          amount
        }
      }
      byTenant {
        tenantId
        fxEffect {
          amount
        }
      }
    }
  }
}
`,
    variables: { period: '2026-04-01' },
  },
  {
    title: 'Explain invoices',
    query: `# Each line down to its formula, its allowance and the usage behind it.
query ExplainInvoices($period: Date) {
  invoices(first: 5, filter: { period: $period }) {
    nodes {
      tenantId
      status
      lines {
        line {
          description
          amount {
            amount
          }
        }
        explanation {
          calculation
          planVersion {
            version
          }
          quantityParts {
            label
            quantity
          }
          residue {
            numerator
            denominator
          }
          usage {
            used
            recorded
            isComplete
            records(first: 3) {
              totalCount
              nodes {
                periodStart
                quantity
                resource {
                  name
                }
              }
            }
          }
        }
      }
    }
  }
}
`,
    variables: { period: '2026-04-01' },
  },
  {
    title: 'Simulate a price',
    query: `# A draft of a plan over a month's real usage. Writes nothing.
query SimulatePlanVersion($planVersionId: ID!, $period: Date!) {
  simulatePlanVersion(planVersionId: $planVersionId, period: $period) {
    overall {
      before {
        revenue {
          amount
        }
        marginPercent
      }
      after {
        revenue {
          amount
        }
        marginPercent
      }
      difference {
        amount
        currency
      }
    }
    byTenant {
      tenantId
      change {
        difference {
          amount
        }
      }
    }
  }
}
`,
    variables: { planVersionId: '', period: '2026-04-01' },
  },
  {
    title: 'Reconciliation',
    query: `# Whose each line of the bill is, and what was metered but not invoiced.
query Reconciliation($period: Date!) {
  reconciliation(period: $period) {
    costs {
      currency
      buckets {
        bucket
        lineCount
        amount {
          amount
        }
      }
      invoiced {
        amount
      }
      difference {
        amount
      }
    }
    usageCounts {
      status
      count
    }
    usage(first: 20, statuses: [CHANGED, UNPRICED, NOT_INVOICED, NOT_METERED]) {
      nodes {
        deployment {
          slug
        }
        kind
        status
        metered
        invoiced
      }
    }
    undeployed(first: 20) {
      totalCount
      nodes {
        resource {
          kind
          name
        }
        cost {
          amount
        }
      }
    }
  }
}
`,
    variables: { period: '2026-04-01' },
  },
  {
    title: 'Accrual and forecast',
    query: `# This month so far, and at its end, with the error of past forecasts.
query AccrualAndForecast {
  accrual {
    asOf
    total {
      amount
      currency
    }
    byDeployment {
      deployment {
        slug
      }
      total {
        amount
      }
    }
  }
  marginForecast {
    asOf
    cogsBasis
    revenue {
      ...parts
    }
    cogs {
      ...parts
    }
    margin {
      ...parts
    }
    accuracy {
      margin {
        meanAbsolutePercent
        months {
          period
          forecast {
            amount
          }
          actual {
            amount
          }
          errorPercent
        }
      }
    }
  }
}

fragment parts on AmountForecast {
  fixed {
    amount
  }
  metered {
    amount
  }
  total {
    amount
  }
}
`,
  },
  {
    title: 'Cost anomalies',
    query: `# What moved out of line with its own past, why, and whose margin it moves.
query CostAnomalies($period: Date!) {
  costAnomalies(period: $period) {
    history
    byKind {
      kind
      direction
      cause
      change {
        amount
      }
    }
    byResource(first: 20) {
      totalCount
      nodes {
        resource {
          name
        }
        direction
        cause
        usual {
          amount
        }
        current {
          amount
        }
        event {
          type
          at
          changes
        }
        impact {
          tenantId
          margin {
            amount
          }
        }
      }
    }
  }
}
`,
    variables: { period: '2026-04-01' },
  },
];
