import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from 'graphql';

const MAX_ID_LENGTH = 100;
const MAX_TEXT_LENGTH = 200;
/** Items of any list that states no other limit. */
export const MAX_LIST_LENGTH = 1_000;

/** Inputs with another limit than the usual: by name, or by type and name where a name has several meanings. */
const MAX_LENGTHS: Readonly<Record<string, number>> = {
  addonCode: 63,
  addons: 63,
  allowedSizes: 100,
  code: 63,
  data: 4_096,
  description: 2_000,
  domain: 255,
  image: 100,
  planCode: 63,
  reason: 2_000,
  sizeSlug: 100,
  slug: 63,
  tag: 255,
  tags: 255,
  'DnsRecordInput.name': 255,
  'DnsTargetInput.name': 255,
  'Mutation.deleteDnsRecord.name': 255,
  'ProvisionDropletInput.name': 255,
};

/** Where the schema transform leaves the limit for the check of inputs. */
export const MAX_LENGTH_EXTENSION = 'maxLength';

/** Gives every text of the schema's inputs a maximum length, and states it in the description. */
export function stateInputLengths(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) stateLength(field, `${type.name}.${field.name}`);
    }
    if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        for (const arg of field.args) stateLength(arg, `${type.name}.${field.name}.${arg.name}`);
      }
    }
  }
  return schema;
}

function stateLength(input: GraphQLArgument | GraphQLInputField, path: string): void {
  const scalar = getNamedType(input.type).name;
  if (scalar !== 'String' && scalar !== 'ID') return;
  const usual = scalar === 'ID' ? MAX_ID_LENGTH : MAX_TEXT_LENGTH;
  const maxLength = MAX_LENGTHS[path] ?? MAX_LENGTHS[input.name] ?? usual;
  input.extensions = { ...input.extensions, [MAX_LENGTH_EXTENSION]: maxLength };
  const limit = `At most ${maxLength.toLocaleString('en')} characters${String(input.type).startsWith('[') ? ' each' : ''}.`;
  input.description = input.description ? `${input.description} ${limit}` : limit;
}
