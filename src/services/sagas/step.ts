import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { RetryPolicy } from '../../core/sagas/retry-policy.js';
import type { DigitalOceanClient } from '../../integrations/digitalocean/client.js';

/** The result of one call of a step or of its compensation. */
export type StepResult<Output> =
  | { readonly is: 'done'; readonly output: Output }
  | { readonly is: 'again'; readonly afterSeconds: number; readonly message: string | null }
  | {
      readonly is: 'failed';
      readonly kind: 'retryable' | 'permanent';
      readonly message: string;
      /** The delay that the provider requests, as in Retry-After; null: none. */
      readonly afterSeconds: number | null;
    };

type Done<Output> = Extract<StepResult<Output>, { is: 'done' }>;

export function done(): Done<Record<string, never>>;
export function done<Output>(output: Output): Done<Output>;
export function done(output: unknown = {}) {
  return { is: 'done', output };
}

/** Not done yet: the engine calls the step again after the delay. No runner waits meanwhile. */
export function again(afterSeconds: number, message: string | null = null): StepResult<never> {
  return { is: 'again', afterSeconds, message };
}

export function failed(kind: 'retryable' | 'permanent', message: string): StepResult<never> {
  return { is: 'failed', kind, message, afterSeconds: null };
}

/** All that a step may touch. */
export interface StepTools {
  readonly sagaId: string;
  /** Who is recorded as the cause of what it changes. */
  readonly actor: string;
  /** Seconds between two polls of a change under way. */
  readonly pollSeconds: number;
  readonly clock: () => Date;
  /** The client for provisioning, for this saga alone. */
  readonly digitalOcean: DigitalOceanClient;
  /** A transaction of our own database. */
  write<T>(work: (db: EntityManager) => Promise<T>): Promise<T>;
}

interface StepInput<Inputs, Context, Notes> extends StepTools {
  /** What the saga was started with. */
  readonly inputs: Inputs;
  /** The outputs of the steps before. */
  readonly context: Context;
  /** What any earlier attempt of this step stored. */
  readonly notes: Partial<Notes>;
  /** Stores notes for later attempts and for the compensation. Call it before acting: the notes are stored once it resolves. */
  saveNotes(more: Partial<Notes>): Promise<void>;
}

export interface StepDefinition<Inputs, Context, Output, Notes> {
  readonly name: string;
  /** Raise it when the step stores or does something else: sagas under way use the version that they started with. */
  readonly version: number;
  readonly inputs: z.ZodType<Inputs>;
  readonly context?: z.ZodType<Context>;
  /** Merged into the context. */
  readonly output?: z.ZodType<Output>;
  readonly notes?: z.ZodType<Notes>;
  /** How many `again` results are allowed; the next one fails the step. */
  readonly maxPolls?: number;
  readonly retry?: RetryPolicy;
  /** Why the step cannot be undone. Once such a step is done the saga is never rolled back. */
  readonly irreversible?: string;
  execute(given: StepInput<Inputs, Context, Notes>): Promise<StepResult<Output>>;
  /** Undoes what execute did or may have done. Succeeds if there is nothing to undo. Absent: there never is. */
  compensate?(
    given: StepInput<Inputs, Context, Notes> & { readonly output: Output | null },
  ): Promise<StepResult<unknown>>;
}

export type Json = Readonly<Record<string, unknown>>;

/** A step's input as it is stored, before its schemas read it. */
export interface StoredStepInput extends StepTools {
  readonly inputs: Json;
  readonly context: Json;
  readonly notes: Json;
  saveNotes(more: Json): Promise<void>;
  readonly output: Json | null;
}

/** A step as the engine sees it. */
export interface Step {
  readonly name: string;
  readonly version: number;
  readonly maxPolls: number;
  readonly retry: RetryPolicy | null;
  readonly irreversible: string | null;
  execute(given: StoredStepInput): Promise<StepResult<Json>>;
  readonly compensate: ((given: StoredStepInput) => Promise<StepResult<unknown>>) | null;
}

/** Steps by `stepKey`. */
export type StepRegistry = ReadonlyMap<string, Step>;

/** Eight minutes at five seconds a poll (spec §3). */
const MAX_POLLS = 96;
const Anything = z.looseObject({});

/** Builds a step. Its schemas read what is stored, since another release may have written it. */
export function defineStep<
  Inputs extends object,
  Context extends object = Json,
  Output extends object = Record<string, never>,
  Notes extends object = Record<string, never>,
>(definition: StepDefinition<Inputs, Context, Output, Notes>): Step {
  const { name, inputs, context = Anything, output = Anything, notes = Anything, compensate } = definition;
  // Built once: a schema compiles itself at its first use.
  const someContext = partial(context);
  const partialNotes = partial(notes);
  const read = <T>(what: string, schema: z.ZodType, value: unknown): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data as T;
    const [issue] = parsed.error.issues;
    throw new UnreadableError(`${name} cannot read its ${what}: ${issue?.path.join('.')}: ${issue?.message}`);
  };
  const readInput = (given: StoredStepInput, contextSchema: z.ZodType): StepInput<Inputs, Context, Notes> => ({
    ...given,
    inputs: read('inputs', inputs, given.inputs),
    context: read('context', contextSchema, given.context),
    notes: read('notes', partialNotes, given.notes),
    saveNotes: (more) => given.saveNotes(more as Json),
  });
  return {
    name,
    version: definition.version,
    maxPolls: definition.maxPolls ?? MAX_POLLS,
    retry: definition.retry ?? null,
    irreversible: definition.irreversible ?? null,
    async execute(given) {
      const answer = await definition.execute(readInput(given, context));
      return answer.is === 'done' ? { is: 'done', output: read<Json>('output', output, answer.output) } : answer;
    },
    compensate: compensate
      ? async (given) =>
          compensate.call(definition, {
            // The context of a failed step may be incomplete.
            ...readInput(given, someContext),
            output: given.output === null ? null : read<Output>('output', output, given.output),
          })
      : null,
  };
}

function partial(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject ? schema.partial() : schema;
}

/** The stored inputs, context, notes or output do not have the step's schema. A retry does not help. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}
