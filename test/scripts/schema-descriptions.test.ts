import { describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { describedIn, missingDescriptions } from '../../scripts/schema-descriptions.js';

const schema = buildSchema(`
  """The root."""
  type Query {
    """One droplet."""
    droplet(id: ID!, """At most 63 characters.""" slug: String, """Its region, as syd1. At most 63 characters.""" region: String): Droplet
  }
  type Droplet { name: String }
  """How it runs."""
  enum Status { ON, """Powered off.""" OFF }
  input Filter { name: String }
  scalar Day
`);

describe('missing descriptions', () => {
  it('are those of types and of arguments whose name does not say all', () => {
    expect(missingDescriptions(schema).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'argument Query.droplet(slug:)',
      'type Droplet',
      'type Filter',
      'type Day',
    ]);
  });
});

describe('what a schema describes', () => {
  it('is every type, field, argument and enum value', () => {
    const described = describedIn(schema);
    expect(described).toContainEqual({ name: 'Query', kind: 'type', description: 'The root.' });
    expect(described).toContainEqual({ name: 'Query.droplet', kind: 'field', description: 'One droplet.' });
    expect(described).toContainEqual({ name: 'Query.droplet(id:)', kind: 'argument', description: null });
    expect(described).toContainEqual({ name: 'Status.OFF', kind: 'enum value', description: 'Powered off.' });
    expect(described).toContainEqual({ name: 'Filter.name', kind: 'field', description: null });
    expect(described.some(({ name }) => name === 'String' || name.startsWith('__'))).toBe(false);
  });
});
