import type { Example } from './examples.js';

export const deploymentExamples: readonly Example[] = [
  {
    title: 'Deployments',
    query: `# Every tenant's deployments, and their plans.
query Deployments($filter: DeploymentFilter) {
  deployments(first: 20, filter: $filter) {
    nodes {
      id
      slug
      state
      tenantId
      subscription {
        id
        status
        planVersion {
          plan {
            code
          }
        }
      }
    }
  }
}
`,
  },
  {
    title: 'One deployment',
    query: `# What it runs, what it may become, and what happened to it.
query OneDeployment($id: ID!) {
  deployment(id: $id) {
    slug
    state
    allowedTransitions
    resources(first: 20) {
      nodes {
        kind
        name
      }
    }
    subscription {
      id
      addons {
        id
        addon {
          code
        }
      }
    }
  }
}
`,
    variables: { id: '<deployment id>' },
  },
  {
    title: 'Move a deployment',
    query: `# Along the edges of its states. Pausing also pauses what is billed.
mutation TransitionDeployment($id: ID!, $to: DeploymentState!, $reason: String) {
  transitionDeployment(id: $id, to: $to, reason: $reason) {
    deployment {
      state
      allowedTransitions
    }
  }
}
`,
    variables: { id: '<deployment id>', to: 'PAUSED', reason: 'Requested by the customer' },
  },
  {
    title: 'Hold billing',
    query: `# The roll-up leaves it out until this is lifted.
mutation SetBillingActionSuspended($id: ID!, $suspended: Boolean!) {
  setBillingActionSuspended(id: $id, suspended: $suspended) {
    deployment {
      billingActionSuspended
    }
  }
}
`,
    variables: { id: '<deployment id>', suspended: true },
  },
  {
    title: 'Subscribe',
    query: `# To the active version of a plan, from a day on.
mutation SubscribeDeployment($id: ID!, $planCode: String!, $addons: [String!]! = []) {
  subscribeDeployment(id: $id, planCode: $planCode, addons: $addons) {
    subscription {
      id
      status
      startsOn
    }
  }
}
`,
    variables: { id: '<deployment id without a plan>', planCode: 'studio', addons: ['storage_50gb'] },
  },
  {
    title: 'Start a trial',
    query: `# Nothing is billed before endsOn; then the deployment turns ACTIVE by itself.
mutation StartTrial($id: ID!, $planCode: String!, $endsOn: Date!) {
  startTrial(id: $id, planCode: $planCode, endsOn: $endsOn) {
    subscription {
      id
      startsOn
      trialEndsAt
      deployment {
        state
      }
    }
  }
}
`,
    variables: { id: '<deployment id without a plan>', planCode: 'studio', endsOn: '<day after today>' },
  },
  {
    title: 'Attach an addon',
    query: `# Its price and quantity are kept as they are today.
mutation AttachAddon($subscriptionId: ID!, $addonCode: String!) {
  attachAddon(subscriptionId: $subscriptionId, addonCode: $addonCode) {
    subscription {
      addons {
        id
        addon {
          code
        }
        price {
          amount
        }
      }
    }
  }
}
`,
    variables: { subscriptionId: '<subscription id>', addonCode: 'storage_250gb' },
  },
  {
    title: 'Detach an addon',
    query: `# Billed for the days that it was attached.
mutation DetachAddon($subscriptionAddonId: ID!) {
  detachAddon(subscriptionAddonId: $subscriptionAddonId) {
    subscription {
      addons {
        id
        addon {
          code
        }
      }
    }
  }
}
`,
    variables: { subscriptionAddonId: '<subscription addon id>' },
  },
  {
    title: 'Change the plan',
    query: `# From today on; both versions are billed for their days.
mutation ChangePlanVersion($subscriptionId: ID!, $planVersionId: ID!) {
  changePlanVersion(
    subscriptionId: $subscriptionId
    planVersionId: $planVersionId
  ) {
    subscription {
      planVersion {
        version
        plan {
          code
        }
      }
    }
  }
}
`,
    variables: { subscriptionId: '<subscription id>', planVersionId: '<plan version id>' },
  },
  {
    title: 'Cancel a subscription',
    query: `# Billed up to today.
mutation CancelSubscription($id: ID!) {
  cancelSubscription(id: $id) {
    subscription {
      status
      currentPeriodEnd
    }
  }
}
`,
    variables: { id: '<subscription id>' },
  },
];
