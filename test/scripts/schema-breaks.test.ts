import { describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { findBreaks } from '../../scripts/schema-breaks.js';

const released = buildSchema(`
  type Query { droplet(id: ID!): Droplet }
  type Droplet { id: ID!, name: String, size: String @deprecated(reason: "Use sizeSlug.") }
`);

describe('a new schema', () => {
  it('may add, and may remove what the release deprecated', async () => {
    const schema = buildSchema(`
      type Query { droplet(id: ID!, region: String): Droplet, droplets: [Droplet!]! }
      type Droplet { id: ID!, name: String, sizeSlug: String }
    `);
    expect(await findBreaks(released, schema)).toEqual([]);
  });

  it('breaks clients by removing a field, requiring an argument or making a field nullable', async () => {
    const schema = buildSchema(`
      type Query { droplet(id: ID!, region: String!): Droplet }
      type Droplet { id: ID, size: String }
    `);
    expect(await findBreaks(released, schema)).toEqual([
      "Argument 'region: String!' added to field 'Query.droplet'",
      "Field 'name' was removed from object type 'Droplet'",
      "Field 'Droplet.id' changed type from 'ID!' to 'ID'",
    ]);
  });
});
