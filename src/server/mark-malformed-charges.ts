import { Kind, type OperationDefinitionNode, type TypeNode } from 'graphql';
import { MALFORMED_CHARGE } from '../core/metering/llm-charge.js';
import { isDecimalInput } from '../resolvers/scalars.js';

const EVENT = 'LlmUsageInput';

/**
 * Replaces, in the variables that an operation declares as LLM usage events, each charge that no Decimal can be made of by
 * `MALFORMED_CHARGE`: coercion would fail all events for one of them. `recordLlmUsage` rejects that event alone.
 */
export function markMalformedCharges(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  for (const { variable, type } of operation.variableDefinitions ?? []) {
    if (namedTypeOf(type) !== EVENT) continue;
    for (const event of [variables[variable.name.value]].flat(MAX_LISTS)) {
      if (typeof event !== 'object' || event === null) continue;
      const { charge } = event as { charge?: unknown };
      if (!isDecimalInput(charge)) (event as { charge: unknown }).charge = MALFORMED_CHARGE;
    }
  }
}

/** Lists within lists that a variable may be declared as. */
const MAX_LISTS = 2;

function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}
