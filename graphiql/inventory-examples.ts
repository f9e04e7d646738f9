import type { Example } from './examples.js';

export const inventoryExamples: readonly Example[] = [
  {
    title: 'Who am I',
    query: `# Whom the token speaks for.
query WhoAmI {
  viewer {
    subject
    tenantId
    roles
    isOperator
  }
}
`,
  },
  {
    title: 'Any row by its id',
    query: `# Finds the row whatever its type is, if you may see it.
query AnyRow($id: ID!) {
  node(id: $id) {
    __typename
    id
    ... on Resource {
      kind
      name
    }
    ... on Deployment {
      slug
      state
    }
    ... on Invoice {
      period
      total {
        amount
        currency
      }
    }
  }
}
`,
    variables: { id: '<resource id>' },
  },
  {
    title: 'My tenant',
    query: `# What the tenant of the token owns.
query MyTenant($after: Cursor) {
  viewer {
    tenant {
      id
      deployments(first: 20, after: $after) {
        nodes {
          slug
          state
        }
        pageInfo {
          endCursor
        }
      }
      invoices(first: 3) {
        nodes {
          period
          status
          total {
            amount
            currency
          }
        }
      }
    }
  }
}
`,
  },
  {
    title: 'Projects',
    query: `# The provider's projects, and whose each is.
query Projects($after: Cursor) {
  projects(first: 20, after: $after) {
    nodes {
      id
      name
      tenantId
      purpose
    }
    pageInfo {
      endCursor
    }
  }
}
`,
  },
  {
    title: 'One project',
    query: `# A project and what it holds.
query OneProject($id: ID!) {
  project(id: $id) {
    name
    tenantId
    resources(first: 20) {
      nodes {
        kind
        name
        status
      }
    }
  }
}
`,
    variables: { id: '<project id>' },
  },
  {
    title: 'Give a project to a tenant',
    query: `# Its resources become the tenant's, except those of a deployment.
mutation ClassifyProject($id: ID!, $tenantId: String, $purpose: String) {
  classifyProject(id: $id, tenantId: $tenantId, purpose: $purpose) {
    project {
      name
      tenantId
      purpose
    }
  }
}
`,
    variables: { id: '<project id>', tenantId: 'acme', purpose: 'Website' },
  },
  {
    title: 'One resource',
    query: `# All that is known of a resource, and what happened to it.
query OneResource($id: ID!) {
  resource(id: $id) {
    kind
    name
    status
    region
    tags
    attrs
    provisioned {
      spec
      specVersion
    }
    events(first: 10) {
      nodes {
        type
        at
        changes
        actor
      }
    }
  }
}
`,
    variables: { id: '<resource id>' },
  },
  {
    title: 'Buckets',
    query: `# Spaces buckets with size and object count.
query Buckets {
  resources(first: 50, filter: {kinds: [SPACES_BUCKET]}) {
    nodes {
      name
      region
      attrs
      project {
        name
      }
    }
  }
}
`,
  },
  {
    title: 'Give a resource to a deployment',
    query: `# It is metered for the deployment from now on; null takes it out again.
mutation AssignResource($id: ID!, $deploymentId: ID) {
  assignResource(id: $id, deploymentId: $deploymentId) {
    resource {
      name
      tenantId
    }
  }
}
`,
    variables: { id: '<resource id>', deploymentId: '<deployment id>' },
  },
];
