import { DirectiveLocation, GraphQLDirective, type GraphQLSchema, isObjectType } from 'graphql';
// biome-ignore lint/style/noRestrictedImports: the one place that may import it
import { Extensions, Authorized as RequireRoles } from 'type-graphql';
import { OPERATOR } from '../core/access/roles.js';

/** Marks the fields that only operators may select. The server writes it; clients only read it. */
export const operatorDirective = new GraphQLDirective({
  name: 'operator',
  description: 'Only operators may select the field. Everybody else gets FORBIDDEN.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
});

/**
 * The field is for viewers who have one of the roles; everybody else gets FORBIDDEN. A field for operators alone gets
 * `@operator` in the schema by the same decorator, so that the two cannot disagree.
 */
export function Authorized(...roles: readonly string[]): MethodDecorator & PropertyDecorator {
  const requireRoles = RequireRoles([...roles]);
  const isOperatorOnly = roles.length === 1 && roles[0] === OPERATOR;
  const mark = Extensions(isOperatorOnly ? { directives: { [operatorDirective.name]: {} } } : {});
  return (target: object, property: string | symbol, descriptor?: PropertyDescriptor) => {
    requireRoles(target, property, descriptor as PropertyDescriptor);
    mark(target, property, descriptor as PropertyDescriptor);
  };
}

/** Says in each description that a field is for operators: introspection does not show which directives a field has. */
export function describeOperatorFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const directives = field.extensions['directives'] as Record<string, unknown> | undefined;
      if (directives?.[operatorDirective.name] === undefined) continue;
      field.description = field.description ? `Operators only. ${field.description}` : 'Operators only.';
    }
  }
  return schema;
}
