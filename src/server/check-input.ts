import {
  defaultFieldResolver,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { storableProblem } from '../core/text/storable-text.js';
import { BadUserInputError, type FieldProblem } from '../errors.js';
import { MAX_LENGTH_EXTENSION, MAX_LIST_LENGTH } from '../resolvers/input-lengths.js';

/** Answers each event by itself, so that a bad one harms no other. */
const CHECKS_ITS_OWN = 'recordLlmUsage';

type Check = (value: unknown, path: string) => FieldProblem | null;

/**
 * Checks the arguments of every field before its resolver, whichever executor calls it: text that no column can keep
 * (NUL, half of a surrogate pair), text and lists that are too long, and null where the type forbids it. Throws
 * BAD_USER_INPUT with the path of the first that is wrong.
 */
export function checkInput(schema: GraphQLSchema): GraphQLSchema {
  const checks = new InputChecks();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const check = field.name === CHECKS_ITS_OWN ? null : checks.ofAll(field.args);
      if (!check) continue;
      const { resolve = defaultFieldResolver, subscribe } = field;
      const reject = (args: unknown) => {
        const problem = check(args, '');
        if (problem) throw new BadUserInputError([problem]);
      };
      if (subscribe) {
        field.subscribe = (source, args, context, info) => {
          reject(args);
          return subscribe(source, args, context, info);
        };
        continue;
      }
      field.resolve = (source, args, context, info) => {
        reject(args);
        return resolve(source, args, context, info);
      };
    }
  }
  return schema;
}

/** The checks of input types, each made once. Null: every value of the type is good. */
class InputChecks {
  private readonly byType = new Map<GraphQLInputObjectType, Check | null>();

  /** Of an object whose fields are these. */
  ofAll(inputs: readonly (GraphQLArgument | GraphQLInputField)[]): Check | null {
    const checks = inputs.flatMap((input) => {
      const check = this.of(input.type, input.extensions[MAX_LENGTH_EXTENSION] as number | undefined);
      return check ? [{ name: input.name, check }] : [];
    });
    if (checks.length === 0) return null;
    return (value, path) => {
      for (const { name, check } of checks) {
        const inner = (value as Record<string, unknown>)[name];
        const problem = inner === undefined ? null : check(inner, path === '' ? name : `${path}.${name}`);
        if (problem) return problem;
      }
      return null;
    };
  }

  private of(type: GraphQLInputType, maxLength: number | undefined): Check | null {
    if (isNonNullType(type)) {
      const check = this.of(type.ofType, maxLength);
      return (value, path) => (value === null ? { path, message: 'is null' } : (check?.(value, path) ?? null));
    }
    if (isListType(type)) return checkList(this.of(type.ofType, maxLength));
    if (isInputObjectType(type)) return this.ofObject(type);
    return maxLength === undefined ? null : checkText(maxLength);
  }

  private ofObject(type: GraphQLInputObjectType): Check | null {
    const known = this.byType.get(type);
    if (known !== undefined) return known;
    const check = this.ofAll(Object.values(type.getFields()));
    const whole: Check | null = check && ((value, path) => (value === null ? null : check(value, path)));
    this.byType.set(type, whole);
    return whole;
  }
}

function checkList(check: Check | null): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return null;
    if (value.length > MAX_LIST_LENGTH) return { path, message: `takes at most ${MAX_LIST_LENGTH} items` };
    for (const [index, item] of check ? value.entries() : []) {
      const problem = check?.(item, `${path}.${index}`);
      if (problem) return problem;
    }
    return null;
  };
}

function checkText(maxLength: number): Check {
  return (value, path) => {
    if (typeof value !== 'string') return null;
    if (value.length > maxLength) return { path, message: `takes at most ${maxLength} characters` };
    const message = storableProblem(value);
    return message === null ? null : { path, message };
  };
}
