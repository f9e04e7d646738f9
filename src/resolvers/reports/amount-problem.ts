import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('AmountProblem', {
  simpleResolvers: true,
  description:
    'Why a tenant, or one deployment, is left out of a report: its amounts are beyond 2^53 cents. The rest stands.',
})
export class AmountProblemType {
  @Field(() => String, { nullable: true }) tenantId: string | null;
  @Field(() => ID, { nullable: true, description: 'Null if it is the tenant as a whole.' }) deploymentId: string | null;
  @Field(() => String) message: string;
}
