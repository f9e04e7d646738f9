import { z } from 'zod';
import type { RetryPolicy } from '../../src/core/sagas/retry-policy.js';
import {
  defineStep,
  done,
  failed,
  type Json,
  type Step,
  type StepResult,
  type StoredStepInput,
} from '../../src/services/sagas/step.js';

/** Says what it was given, and takes nothing back since it leaves nothing. */
export const echo = defineStep({
  name: 'Echo',
  version: 1,
  inputs: z.object({ says: z.string().default('hello') }),
  output: z.object({ heard: z.string() }),
  execute: async ({ inputs }) => done({ heard: inputs.says }),
});

/** Fails for good. */
export const fail = defineStep({
  name: 'Fail',
  version: 1,
  inputs: z.object({}),
  execute: async () => failed('permanent', 'told to fail'),
});

type Act<Answer> = (given: StoredStepInput, call: number) => Promise<StepResult<Answer>> | StepResult<Answer>;

export interface Script {
  readonly version?: number;
  readonly maxPolls?: number;
  readonly retry?: RetryPolicy;
  readonly irreversible?: string;
  readonly execute?: Act<Json>;
  readonly compensate?: Act<unknown> | null;
}

/** A step that does what the test says, `call` counting from 1; it leaves what it did in `log`. Without a script it is done. */
export function scripted(name: string, log: string[], script: Script = {}): Step {
  const calls = { execute: 0, compensate: 0 };
  const { execute = () => done(), compensate = () => done() } = script;
  return {
    name,
    version: script.version ?? 1,
    maxPolls: script.maxPolls ?? 3,
    retry: script.retry ?? null,
    irreversible: script.irreversible ?? null,
    async execute(given) {
      calls.execute += 1;
      log.push(`${name}`);
      return execute(given, calls.execute);
    },
    compensate:
      compensate &&
      (async (given) => {
        calls.compensate += 1;
        log.push(`undo ${name}`);
        return compensate(given, calls.compensate);
      }),
  };
}
