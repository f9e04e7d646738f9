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
    description: 'Newest first. Operators see all; a tenant sees those of its own deployments.',
  })
  sagas(
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => SagaFilterInput, { nullable: true }) filter: SagaFilterInput | null | undefined,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listSagas(app, viewer, filter ?? {}), page, info);
  }

  @Query(() => SagaObject, { nullable: true })
  saga(@Ctx() { loaders }: RequestContext, @Arg('id', () => ID) id: string) {
    return loaders.sagaById.load(id);
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, { description: 'Compensation starts at the next step boundary.' })
  async cancelSaga(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string): Promise<SagaPayload> {
    await cancelSaga(app, viewer, id);
    return { saga: await getSaga(app, viewer, id) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, {
    description: 'A FAILED saga goes on compensating from the compensation that failed.',
  })
  async retrySaga(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string): Promise<SagaPayload> {
    await retrySaga(app, viewer, id);
    return { saga: await getSaga(app, viewer, id) };
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Why it was rolled back or failed, and what may be left behind. Only operators see what the provider said.',
  })
  error(@Root() { error }: SagaRow, @Ctx() { viewer }: RequestContext): string | null {
    return shownTo(viewer, error);
  }

  @ListSize(12)
  @FieldResolver(() => [SagaStepObject], { description: 'As many as the saga has, those still to come too.' })
  async steps(@Root() { id, steps }: SagaRow, @Ctx() { loaders }: RequestContext): Promise<SagaStepRow[]> {
    return wholeStepList(steps, (await loaders.stepListBySagaId.load(id))?.steps ?? []);
  }
}

/** Provider's words are for operators. */
function shownTo(viewer: Viewer, text: string | null): string | null {
  return text === null || viewer.isOperator ? text : tenantText(text);
}

@Resolver(() => SagaStepObject)
export class SagaStepResolver {
  @FieldResolver(() => String, { nullable: true })
  error(@Root() { error }: SagaStepRow, @Ctx() { viewer }: RequestContext): string | null {
    return shownTo(viewer, error);
  }
}

@Resolver(() => SagaEventObject)
export class SagaEventResolver {
  @Subscription(() => SagaEventObject, {
    description:
      "Live progress of one saga. Without `after`: its whole history first, then live. With `after`: what came since that cursor. No event is lost or sent twice across a reconnect, a restart, or another replica. It completes by itself after the saga's last event.",
    subscribe: ({ args, context }) => {
      const { app, viewer } = context as RequestContext;
      return followSaga(app, viewer, args['sagaId'], args['after']);
    },
  })
  sagaProgress(
    @Root() event: SagaEventObject,
    @Arg('sagaId', () => ID) _sagaId: string,
    @Arg('after', () => CursorScalar, { nullable: true }) _after?: string,
  ): SagaEventObject {
    return event;
  }

  @Subscription(() => SagaEventObject, {
    description: 'The same for every saga that the caller may see. Without `after`: live only.',
    subscribe: ({ args, context }) => {
      const { app, viewer } = context as RequestContext;
      return followSagas(app, viewer, args['after']);
    },
  })
  sagaEvents(
    @Root() event: SagaEventObject,
    @Arg('after', () => CursorScalar, { nullable: true }) _after?: string,
  ): SagaEventObject {
    return event;
  }

  @FieldResolver(() => String, { nullable: true })
  message(@Root() { message }: SagaEventObject, @Ctx() { viewer }: RequestContext): string | null {
    return shownTo(viewer, message);
  }

  @FieldResolver(() => SagaObject)
  saga(@Root() { sagaId }: SagaEventObject, @Ctx() { loaders }: RequestContext) {
    return loaders.sagaById.load(sagaId);
  }
}
