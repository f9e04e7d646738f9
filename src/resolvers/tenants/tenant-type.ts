import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('Tenant', {
  simpleResolvers: true,
  description:
    'A customer: owner of deployments, resources and invoices. Known by its id alone, so that it is no Node.',
})
export class TenantType {
  @Field(() => ID, { description: 'The same as `tenantId` elsewhere, and as in tokens.' }) id: string;
}
