import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { type ErrorCode, QueryTooComplexError } from '../errors.js';
import { toGraphQLError } from './errors.js';
import type { FairQueueLimits } from './fair-queue.js';
import { checkInputSize } from './input-limits.js';
import { markMalformedCharges } from './mark-malformed-charges.js';
import { costOf, countSelections, type OperationCost } from './operation-cost.js';

export const MAX_DEPTH = 12;
export const MAX_ALIASES = 30;
/** Selections after fragments are expanded: compiling a query takes time and memory for each. */
export const MAX_SELECTIONS = 2_000;
/** Fields that an answer may hold. A list counts at its `first`, or at its expected length. */
export const MAX_COST = 50_000;
/** What may run at once: many cheap operations of a tenant, or one or two that are as large as any may be. */
export const QUEUE_LIMITS: FairQueueLimits = {
  runningPerTenant: 50,
  costPerTenant: 25_000,
  cost: 75_000,
  waitingPerTenant: 100,
};
/**
 * Mutations that run at once, each counted as one. A mutation holds a connection of TypeORM's pool, which has ten: one
 * tenant uses half of those that mutations may use, and two are always left to rate limits and streams.
 */
export const MUTATION_QUEUE_LIMITS: FairQueueLimits = {
  runningPerTenant: 4,
  costPerTenant: 4,
  cost: 8,
  waitingPerTenant: 100,
};
export const MAX_BATCH = 10;
export const MAX_BODY_BYTES = 2_000_000;
const MAX_VARIABLE_ERRORS = 20;

export interface CheckedOperation {
  readonly operation: OperationDefinitionNode;
  /** Fields that it may answer. */
  readonly cost: number;
}

/** Finds the operation of a valid document and prices it; or says what is wrong, in errors that have a code. */
export type CheckOperation = (
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
) => CheckedOperation | readonly GraphQLError[];

/** What holds for a document whatever its variables are. */
interface DocumentFacts {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly aliases: number;
  readonly selections: Map<OperationDefinitionNode, number>;
  /** Of operations without variables. */
  readonly costs: Map<OperationDefinitionNode, OperationCost>;
}

export function createOperationCheck(schema: GraphQLSchema): CheckOperation {
  const known = new WeakMap<DocumentNode, DocumentFacts>();
  return (document, operationName, variables) => {
    const operation = getOperationAST(document, operationName);
    if (!operation) return [unresolved(operationName)];
    try {
      checkInputSize(variables);
    } catch (error) {
      return [toGraphQLError(error) as GraphQLError];
    }
    markMalformedCharges(operation, variables);
    const definitions = operation.variableDefinitions ?? [];
    const values = getVariableValues(schema, definitions, variables, { maxErrors: MAX_VARIABLE_ERRORS });
    if (values.errors) return values.errors.map((error) => withCode(error, 'BAD_USER_INPUT'));

    const facts = known.get(document) ?? factsOf(document);
    known.set(document, facts);
    const selections = facts.selections.get(operation) ?? countSelections(operation, facts.fragments);
    facts.selections.set(operation, selections);
    if (selections > MAX_SELECTIONS) return [tooComplex(`The query has more than ${MAX_SELECTIONS} selections.`)];
    const cost = facts.costs.get(operation) ?? costOf(schema, operation, facts.fragments, values.coerced);
    if (definitions.length === 0) facts.costs.set(operation, cost);
    const problem = problemOf(cost, facts.aliases);
    if (problem) return [tooComplex(problem)];
    return { operation, cost: cost.fields };
  };
}

function factsOf(document: DocumentNode): DocumentFacts {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let aliases = 0;
  visit(document, {
    Field({ alias }) {
      if (alias) aliases += 1;
    },
  });
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return { fragments, aliases, selections: new Map(), costs: new Map() };
}

function problemOf({ fields, depth }: OperationCost, aliases: number): string | null {
  if (depth > MAX_DEPTH) return `The query is deeper than ${MAX_DEPTH} fields.`;
  if (aliases > MAX_ALIASES) return `The query has more than ${MAX_ALIASES} aliases.`;
  if (fields <= MAX_COST) return null;
  const count = fields < 1e15 ? Math.ceil(fields) : 'more than 10^15';
  return `The query could answer ${count} fields; ask for at most ${MAX_COST} at once.`;
}

function tooComplex(message: string): GraphQLError {
  return toGraphQLError(new QueryTooComplexError(message)) as GraphQLError;
}

function unresolved(operationName: string | null | undefined): GraphQLError {
  const message =
    operationName === null || operationName === undefined
      ? 'The document holds several operations, or none: send the operationName of one.'
      : `The document holds no operation named "${operationName.slice(0, 100)}".`;
  return withCode(new GraphQLError(message), 'OPERATION_RESOLUTION_FAILURE');
}

/** The request was at fault: 400 where the media type of the answer allows it. */
export function withCode(error: GraphQLError, code: ErrorCode): GraphQLError {
  const { message, nodes, source, positions, path, originalError } = error;
  const extensions = { ...error.extensions, code, http: { status: 400, headers: new Map() } };
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
}
