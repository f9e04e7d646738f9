import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import type { DocumentNode, GraphQLError, GraphQLSchema, ValidationRule } from 'graphql';
import { getComplexity, simpleEstimator } from 'graphql-query-complexity';
import { DEFAULT_PAGE_SIZE } from '../core/paging.js';
import { QueryTooComplexError } from '../errors.js';
import { toGraphQLError } from './errors.js';

export const MAX_DEPTH = 12;
export const MAX_ALIASES = 30;
/** Fields that an answer may hold, lists counted at the length that they are asked for. */
export const MAX_COST = 50_000;
export const MAX_BATCH = 10;
export const MAX_BODY_BYTES = 2_000_000;

/** As a GraphQL error, since it is found by validation; the domain error beneath gives it its code. */
function tooComplex(message: string): GraphQLError {
  return toGraphQLError(new QueryTooComplexError(message)) as GraphQLError;
}

/** Rules that need the document alone; checked once a document. Introspection is free of the depth limit. */
export function limitRules(): ValidationRule[] {
  const refuseWith = (message: string) => ({
    propagateOnRejection: false,
    onReject: [
      (context: { reportError(error: GraphQLError): void } | null) => context?.reportError(tooComplex(message)),
    ],
  });
  return [
    maxDepthRule({
      n: MAX_DEPTH,
      ignoreIntrospection: true,
      flattenFragments: true,
      ...refuseWith(`The query is deeper than ${MAX_DEPTH} fields.`),
    } as never),
    maxAliasesRule({ n: MAX_ALIASES, ...refuseWith(`The query has more than ${MAX_ALIASES} aliases.`) } as never),
  ] as ValidationRule[];
}

/** Throws QUERY_TOO_COMPLEX where the answer could hold more fields than anyone needs at once. */
export type CheckCost = (
  document: DocumentNode,
  operationName: string | null,
  variables: Record<string, unknown>,
) => void;

/** What a document costs depends on its page sizes alone, so it is computed once for each of them. */
export function createCostCheck(schema: GraphQLSchema): CheckCost {
  const known = new WeakMap<DocumentNode, Map<string, number>>();
  return (document, operationName, variables) => {
    const costs = known.get(document) ?? new Map<string, number>();
    known.set(document, costs);
    const sizes = Object.entries(variables).filter(([, value]) => typeof value === 'number');
    const key = `${operationName ?? ''} ${JSON.stringify(sizes)}`;
    const cost = costs.get(key) ?? costOf(schema, document, operationName, variables);
    if (costs.size < 100) costs.set(key, cost);
    if (cost > MAX_COST)
      throw tooComplex(`The query could answer ${cost} fields; ask for at most ${MAX_COST} at once.`);
  };
}

function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
  variables: Record<string, unknown>,
): number {
  return getComplexity({
    schema,
    query: document,
    variables,
    ...(operationName === null ? {} : { operationName }),
    estimators: [
      ({ args, childComplexity, field }) => {
        if (!('first' in args) && !field.args.some((arg) => arg.name === 'first')) return undefined;
        const first = typeof args['first'] === 'number' ? args['first'] : DEFAULT_PAGE_SIZE;
        return 1 + Math.max(first, 0) * childComplexity;
      },
      simpleEstimator({ defaultComplexity: 1 }),
    ],
  });
}
