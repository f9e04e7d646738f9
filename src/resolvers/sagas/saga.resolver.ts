import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { Viewer } from '../../context.js';
import { OPERATOR } from '../../core/access/roles.js';
import { tenantText } from '../../core/text/redact.js';
import { cancelSaga, retrySaga } from '../../services/sagas/control-saga.js';
import { followSaga, followSagas } from '../../services/sagas/follow-sagas.js';
import { getSaga, listSagas, type SagaRow, type SagaStepRow, wholeStepList } from '../../services/sagas/list-sagas.js';
import { Authorized } from '../authorized.js';
import { listConnection } from '../connection.js';
import { ListSize } from '../list-size.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { CursorScalar } from '../scalars.js';
import { SagaConnection, SagaEventObject, SagaFilterInput, SagaObject, SagaPayload, SagaStepObject } from './types.js';

@Resolver(() => SagaObject)
export class SagaResolver {
  @Query(() => SagaConnection, {
    description: 'Sagas, newest first. Operators see all; a tenant sees those of its own deployments.',
  })
  sagas(
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => SagaFilterInput, { nullable: true, description: 'Null: all sagas.' }) filter:
      | SagaFilterInput
      | null
      | undefined,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listSagas(app, viewer, filter ?? {}), page, info);
  }

  @Query(() => SagaObject, { nullable: true, description: 'Null if there is no such saga that the caller may see.' })
  saga(@Ctx() { loaders }: RequestContext, @Arg('id', () => ID) id: string) {
    return loaders.sagaById.load(id);
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, {
    description:
      'Cancels a saga: compensation starts once the present step has ended. CONFLICT if the saga is finished.',
  })
  async cancelSaga(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string): Promise<SagaPayload> {
    await cancelSaga(app, viewer, id);
    return { saga: await getSaga(app, viewer, id) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, {
    description:
      'Resumes a FAILED saga: with the compensations that failed, or with the step that failed after the point of no return.',
  })
  async retrySaga(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string): Promise<SagaPayload> {
    await retrySaga(app, viewer, id);
    return { saga: await getSaga(app, viewer, id) };
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Why the saga was rolled back or failed, and what may be left at the provider. Only operators see the provider's messages.",
  })
  error(@Root() { error }: SagaRow, @Ctx() { viewer }: RequestContext): string | null {
    return shownTo(viewer, error);
  }

  @ListSize(12)
  @FieldResolver(() => [SagaStepObject], { description: 'All steps in order, also those that have not started yet.' })
  async steps(@Root() { id, steps }: SagaRow, @Ctx() { loaders }: RequestContext): Promise<SagaStepRow[]> {
    return wholeStepList(steps, (await loaders.stepListBySagaId.load(id))?.steps ?? []);
  }
}

/** Only operators see the provider's messages. */
function shownTo(viewer: Viewer, text: string | null): string | null {
  return text === null || viewer.isOperator ? text : tenantText(text);
}

@Resolver(() => SagaStepObject)
export class SagaStepResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: "Why the last attempt failed. Only operators see the provider's messages.",
  })
  error(@Root() { error }: SagaStepRow, @Ctx() { viewer }: RequestContext): string | null {
    return shownTo(viewer, error);
  }
}

@Resolver(() => SagaEventObject)
export class SagaEventResolver {
  @Subscription(() => SagaEventObject, {
    description:
      "The events of one saga. Without `after`: its whole history, then live. With `after`: the events after that cursor, then live. No event is lost or sent twice across a reconnect, a restart, or another replica. The stream completes after the saga's last event.",
    subscribe: ({ args, context }) => {
      const { app, viewer } = context as RequestContext;
      return followSaga(app, viewer, args['sagaId'], args['after']);
    },
  })
  sagaProgress(
    @Root() event: SagaEventObject,
    @Arg('sagaId', () => ID, { description: 'NOT_FOUND if the caller may not see the saga.' }) _sagaId: string,
    @Arg('after', () => CursorScalar, { nullable: true, description: 'The `cursor` of an event.' }) _after?: string,
  ): SagaEventObject {
    return event;
  }

  @Subscription(() => SagaEventObject, {
    description:
      'The events of every saga that the caller may see. Without `after`: live only. With `after`: the events after that cursor, then live.',
    subscribe: ({ args, context }) => {
      const { app, viewer } = context as RequestContext;
      return followSagas(app, viewer, args['after']);
    },
  })
  sagaEvents(
    @Root() event: SagaEventObject,
    @Arg('after', () => CursorScalar, { nullable: true, description: 'The `cursor` of an event.' }) _after?: string,
  ): SagaEventObject {
    return event;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The progress, or why a step failed. Only operators see the provider's messages.",
  })
  message(@Root() { message }: SagaEventObject, @Ctx() { viewer }: RequestContext): string | null {
    return shownTo(viewer, message);
  }

  @FieldResolver(() => SagaObject)
  saga(@Root() { sagaId }: SagaEventObject, @Ctx() { loaders }: RequestContext) {
    return loaders.sagaById.load(sagaId);
  }
}
