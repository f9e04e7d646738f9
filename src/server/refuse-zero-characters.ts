import { defaultFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { BadUserInputError } from '../errors.js';

/** Answers each event by itself, so that a bad one harms no other. */
const ANSWERS_EACH = 'recordLlmUsage';

/** Postgres keeps no zero character in text: one in an argument is refused by its path, wherever it stands. */
export function refuseZeroCharacters(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__') || type === schema.getSubscriptionType()) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.args.length === 0 || field.name === ANSWERS_EACH) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context, info) => {
        const path = findZeroCharacter(args, []);
        if (path) throw BadUserInputError.at(path.join('.'), 'holds a zero character');
        return resolve(source, args, context, info);
      };
    }
  }
  return schema;
}

function findZeroCharacter(value: unknown, path: readonly string[]): readonly string[] | null {
  if (typeof value === 'string') return value.includes('\0') ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = findZeroCharacter(inner, [...path, key]);
    if (found) return found;
  }
  return null;
}
