import type { Documents } from './graphql.generated.js';

/** An operation that knows the types of its data and variables. */
export interface TypedDocument<Data, Variables> {
  readonly source: string;
  /** For the compiler alone. */
  readonly types?: (variables: Variables) => Data;
}

/** A document of any operation. */
export type AnyDocument = TypedDocument<unknown, never>;

export type DataOf<Document> = Document extends TypedDocument<infer Data, never> ? Data : never;
export type VariablesOf<Document> = Document extends TypedDocument<unknown, infer Variables> ? Variables : never;

/**
 * One operation as a literal text: `npm run typed-documents` finds it and makes its types. A text that it has not seen
 * does not compile.
 */
export function gql<Source extends keyof Documents>(
  source: Source,
): TypedDocument<Documents[Source]['data'], Documents[Source]['variables']> {
  return { source };
}

/** The value, which the test knows to be there. Throws otherwise. */
export function present<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error(`expected a value, got ${value}`);
  return value;
}
