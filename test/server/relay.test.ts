import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { NODE_TYPE_NAMES } from '../../src/services/nodes/find-node-type.js';

/** What Relay's compiler and its pagination require of a server: the object identification and the connection specification. */
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const types = Object.values(schema.getTypeMap()).filter(isObjectType);
const typeOf = (type: GraphQLNamedType | undefined, field: string) =>
  String((type as GraphQLObjectType).getFields()[field]?.type);
const connections = types.filter(({ name }) => name.endsWith('Connection'));

describe('object identification', () => {
  const node = schema.getType('Node');

  it('has an interface Node with a global id and nothing else', () => {
    expect(isInterfaceType(node)).toBe(true);
    expect(isInterfaceType(node) && Object.keys(node.getFields())).toEqual(['id']);
    expect(typeOf(node, 'id')).toBe('ID!');
  });

  it('has a root field node(id: ID!): Node', () => {
    const field = schema.getQueryType()?.getFields()['node'];
    expect(String(field?.type)).toBe('Node');
    expect(field?.args.map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: ID!']);
  });

  it('has Node on exactly the types that the field finds', () => {
    const implementing = types.filter((type) => type.getInterfaces().some(({ name }) => name === 'Node'));
    expect(implementing.map(({ name }) => name).sort()).toEqual([...NODE_TYPE_NAMES].sort());
  });
});

describe('connections', () => {
  it('are many', () => {
    expect(connections.length).toBeGreaterThan(15);
  });

  it.each(connections.map((type) => [type.name, type] as const))('%s has edges of nodes and a page info', (_, type) => {
    expect(typeOf(type, 'pageInfo')).toBe('PageInfo!');
    const edges = type.getFields()['edges']?.type;
    expect(edges && isListType(getNullableType(edges))).toBe(true);
    const edge = edges && getNamedType(edges);
    expect(edge?.name).toBe(type.name.replace(/Connection$/, 'Edge'));
    expect(isScalarType(schema.getType(typeOf(edge, 'cursor').replace('!', '')))).toBe(true);
    const node = (edge as GraphQLObjectType).getFields()['node']?.type;
    expect(node && isListType(getNullableType(node))).toBe(false);
    expect(isObjectType(node && getNamedType(node))).toBe(true);
  });

  it('have the page info that pagination reads', () => {
    const pageInfo = schema.getType('PageInfo');
    expect(typeOf(pageInfo, 'hasNextPage')).toBe('Boolean!');
    expect(typeOf(pageInfo, 'hasPreviousPage')).toBe('Boolean!');
    expect(typeOf(pageInfo, 'startCursor')).toBe('Cursor');
    expect(typeOf(pageInfo, 'endCursor')).toBe('Cursor');
  });

  it('take first and after wherever they are', () => {
    const fields = types.flatMap((type) =>
      Object.values(type.getFields()).filter((field) => getNamedType(field.type).name.endsWith('Connection')),
    );
    expect(fields.length).toBeGreaterThan(connections.length - 1);
    for (const field of fields) {
      const args = Object.fromEntries(field.args.map(({ name, type }) => [name, String(type)]));
      expect(args).toMatchObject({ first: 'Int', after: 'Cursor' });
    }
  });
});
