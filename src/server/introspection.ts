import {
  type DocumentNode,
  type ExecutionResult,
  Kind,
  type OperationDefinitionNode,
  stripIgnoredCharacters,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { estimateBytes } from '../core/text/estimate-bytes.js';

/** Results of introspection that are stored: that of GraphiQL is counted at 0.9 MB. */
const MAX_RESULT_BYTES = 16_000_000;
const INTROSPECTION_FIELDS: ReadonlySet<string> = new Set(['__schema', '__type', '__typename']);

/** Whether a document may introspect: graphql-js executes all of that in one go, which takes tens of milliseconds. */
export function mayIntrospect(document: DocumentNode): boolean {
  return document.loc?.source.body.includes('__schema') ?? true;
}

/** Results of pure introspection, which depend on the text of the document and the name of the operation alone. */
export class IntrospectionResults {
  private readonly results = new LRUCache<string, ExecutionResult>({ maxSize: MAX_RESULT_BYTES });

  /** Null: the operation selects something else too, or takes variables. */
  keyOf(document: DocumentNode, operation: OperationDefinitionNode): string | null {
    const text = document.loc?.source.body;
    if (text === undefined || operation.operation !== 'query' || operation.variableDefinitions?.length) return null;
    const isPure = operation.selectionSet.selections.every(
      (selection) => selection.kind === Kind.FIELD && INTROSPECTION_FIELDS.has(selection.name.value),
    );
    return isPure ? `${operation.name?.value ?? ''} ${stripIgnoredCharacters(text)}` : null;
  }

  get(key: string): ExecutionResult | undefined {
    return this.results.get(key);
  }

  set(key: string, result: ExecutionResult): void {
    if (!result.errors) this.results.set(key, result, { size: 2 * key.length + estimateBytes(result.data) });
  }
}
