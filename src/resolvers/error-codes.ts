import { GraphQLEnumType, GraphQLSchema } from 'graphql';
import { ERROR_CODES } from '../errors.js';

const ErrorCodeEnum = new GraphQLEnumType({
  name: 'ErrorCode',
  description: 'What `extensions.code` of an error can be. Other extensions depend on the code.',
  values: Object.fromEntries(Object.entries(ERROR_CODES).map(([code, description]) => [code, { description }])),
});

/** Adds ErrorCode, which no field has: clients read it in the schema. */
export function withErrorCodes(schema: GraphQLSchema): GraphQLSchema {
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, types: [...config.types, ErrorCodeEnum] });
}
