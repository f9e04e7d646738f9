import type { Example } from './examples.js';

export const changeExamples: readonly Example[] = [
  {
    title: 'Watch all sagas',
    query: `# Live: every step of every saga.
subscription WatchAllSagas($after: Cursor) {
  sagaEvents(after: $after) {
    cursor
    type
    at
    stepName
    message
    saga {
      id
      kind
      status
    }
  }
}
`,
  },
  {
    title: 'One saga',
    query: `# Its steps, and what each made.
query OneSaga($id: ID!) {
  saga(id: $id) {
    kind
    status
    error
    steps {
      index
      name
      status
      attempts
      error
      output
    }
  }
}
`,
    variables: { id: '<saga id>' },
  },
  {
    title: 'Provision a droplet',
    query: `# Costs money on a real account. Sent twice with one key it starts one saga.
mutation ProvisionDroplet($input: ProvisionDropletInput!) {
  provisionDroplet(input: $input) {
    saga {
      id
      kind
      status
    }
  }
}
`,
    variables: {
      input: {
        name: 'example-1',
        sizeSlug: 's-1vcpu-1gb',
        image: 'ubuntu-24-04-x64',
        region: 'syd1',
        idempotencyKey: 'example-1',
      },
    },
  },
  {
    title: 'Snapshot a droplet',
    query: `# Billed by the provider for as long as it is kept.
mutation SnapshotDroplet($resourceId: ID!) {
  snapshotDroplet(resourceId: $resourceId) {
    saga {
      id
      kind
      status
    }
  }
}
`,
    variables: { resourceId: '<droplet resource id>' },
  },
  {
    title: 'Destroy a droplet',
    query: `# Cannot be undone. Snapshots of it stay.
mutation DestroyDroplet($resourceId: ID!) {
  destroyDroplet(resourceId: $resourceId) {
    saga {
      id
      kind
      status
    }
  }
}
`,
    variables: { resourceId: '<droplet resource id>' },
  },
  {
    title: 'Delete a record',
    query: `# What it was is kept with the saga.
mutation DeleteRecord($domain: String!, $type: String!, $name: String!) {
  deleteDnsRecord(domain: $domain, type: $type, name: $name) {
    saga {
      id
      kind
      status
    }
  }
}
`,
    variables: { domain: 'sky-ai.com', type: 'A', name: 'status' },
  },
  {
    title: 'Take a deployment down',
    query: `# Snapshots, then DNS, then the droplets: those cannot be brought back.
mutation DecommissionDeployment($id: ID!) {
  decommissionDeployment(id: $id) {
    saga {
      id
      kind
      status
    }
  }
}
`,
    variables: { id: '<deployment id>' },
  },
  {
    title: 'Cancel a saga',
    query: `# What it did is undone, from the last step to the first.
mutation CancelSaga($id: ID!) {
  cancelSaga(id: $id) {
    saga {
      id
      status
      cancelRequested
    }
  }
}
`,
    variables: { id: '<saga id>' },
  },
  {
    title: 'Retry a saga',
    query: `# Goes on with one that is FAILED.
mutation RetrySaga($id: ID!) {
  retrySaga(id: $id) {
    saga {
      id
      status
      error
    }
  }
}
`,
    variables: { id: '<saga id>' },
  },
  {
    title: 'Take under drift control',
    query: `# Without a spec: as it is now.
mutation RecordProvisioned($resourceId: ID!, $spec: JSONObject) {
  recordProvisioned(resourceId: $resourceId, spec: $spec) {
    provisioned {
      spec
      specVersion
    }
  }
}
`,
    variables: { resourceId: '<droplet resource id>' },
  },
  {
    title: 'Detect drift',
    query: `# Compares now what is compared hourly.
mutation DetectDrift {
  detectDrift {
    checked
    opened
    closedAsStale
  }
}
`,
  },
  {
    title: 'Accept drift',
    query: `# The live value becomes the wanted one.
mutation AcceptDrift($id: ID!) {
  acceptDrift(id: $id) {
    drift {
      field
      status
    }
  }
}
`,
    variables: { id: '<drift id>' },
  },
];
