import { BreakingChangeType, findBreakingChanges, type GraphQLSchema } from 'graphql';

/** What is only not there yet; everything else that differs would break a client. */
const MISSING = new Set<BreakingChangeType>([
  BreakingChangeType.TYPE_REMOVED,
  BreakingChangeType.FIELD_REMOVED,
  BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
  BreakingChangeType.ARG_REMOVED,
]);

export interface ContractComparison {
  /** By name, as `Query.margin` or `Saga`. */
  readonly missing: readonly string[];
  readonly broken: readonly string[];
}

/** The emitted schema may add to the contract and never change what stands in it. */
export function compareWithContract(contract: GraphQLSchema, emitted: GraphQLSchema): ContractComparison {
  const changes = findBreakingChanges(contract, emitted);
  const missing = changes.filter((change) => MISSING.has(change.type));
  return {
    missing: missing.map(({ description }) => /^(?:Standard scalar )?(\S+)/.exec(description)?.[1] ?? description),
    broken: changes.filter((change) => !MISSING.has(change.type)).map((change) => change.description),
  };
}
