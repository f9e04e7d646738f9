import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import { listFxRates, setFxRate } from '../../services/reports/fx/fx-rates.js';
import { Authorized } from '../authorized.js';
import { ListSize } from '../list-size.js';
import type { RequestContext } from '../request-context.js';
import { FxRatePayload, FxRateType, SetFxRateInput } from './fx-types.js';

@Resolver()
export class FxResolver {
  @Authorized(OPERATOR)
  @ListSize(100)
  @Query(() => [FxRateType], { description: 'The newest of each pair first.' })
  fxRates(@Ctx() { app }: RequestContext) {
    return listFxRates(app.reads);
  }

  @Authorized(OPERATOR)
  @Mutation(() => FxRatePayload, {
    description: 'It holds until the next one of its pair begins; one that began on the same day is replaced.',
  })
  async setFxRate(
    @Ctx() { app }: RequestContext,
    @Arg('input', () => SetFxRateInput) input: SetFxRateInput,
  ): Promise<FxRatePayload> {
    return { fxRate: await setFxRate(app, input) };
  }
}
