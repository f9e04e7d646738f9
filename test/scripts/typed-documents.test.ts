import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { typedDocuments } from '../../scripts/typed-documents.js';

const schema = buildSchema(`
  scalar DateTime
  type Query { droplet(id: ID!): Droplet }
  type Droplet { id: ID!, createdAt: DateTime!, name: String }
`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'documents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (text: string) => writeFileSync(join(folder, 'some.test.ts'), text);

describe('typed documents', () => {
  it('have the types of their data and variables under their text', async () => {
    write("const one = gql('query($id: ID!) { droplet(id: $id) { name createdAt } }');");
    const module = await typedDocuments(schema, folder);
    expect(module).toContain('= { droplet: { name: string | null, createdAt: string } | null };');
    expect(module).toMatch(/Variables = Exact<\{\s*id: string \| number;\s*\}>/);
    expect(module).toContain('"query($id: ID!) { droplet(id: $id) { name createdAt } }": { data: ');
  });

  it('reject a text that the schema does not allow, or that is put together', async () => {
    write("const one = gql('{ droplet(id: 1) { size } }');");
    await expect(typedDocuments(schema, folder)).rejects.toThrow('Cannot query field "size"');
    write(['const one = gql(`{ droplet(id: 1) { $', '{FIELDS} } }`);'].join(''));
    await expect(typedDocuments(schema, folder)).rejects.toThrow('some.test.ts: gql() takes one literal text');
  });
});
