import { Field, ObjectType } from 'type-graphql';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { Currency, Money } from '../../core/money/money.js';
import { ANOMALY_CAUSES, type AnomalyCause } from '../../core/reports/cost-anomaly.js';
import { connectionOf } from '../connection.js';
import { enumOf, ResourceKindEnum } from '../enums.js';
import { ListSize } from '../list-size.js';
import { CurrencyCodeEnum, MoneyType } from '../money.js';
import { DateScalar, DecimalScalar } from '../scalars.js';
import { FxRateType } from './fx-types.js';

export const AnomalyCauseEnum = enumOf('AnomalyCause', ANOMALY_CAUSES, {
  description: 'Why a cost moved, as far as the event log and the cost lines show.',
  values: {
    NEW: 'First billed in this month or the one before.',
    GONE: 'No longer at the provider, or no longer billed.',
    RESIZED: 'Its size changed, by the event log or by its lines.',
    FX: "In the provider's currency it is in line.",
    PRICE: 'An hour of it costs another price.',
    UNKNOWN: 'Neither the event log nor the cost lines explain it.',
  },
});
export const AnomalyDirectionEnum = enumOf('AnomalyDirection', ['up', 'down'], {
  description: 'Whether a cost is above or below the usual one.',
});

@ObjectType({ simpleResolvers: true })
abstract class CostAnomalyFields {
  @Field(() => ResourceKindEnum) kind: ResourceKind;
  @Field(() => AnomalyDirectionEnum) direction: 'up' | 'down';
  @Field(() => MoneyType) current: Money;
  @Field(() => MoneyType, { description: 'The median of the months that it is compared with.' }) usual: Money;
  @Field(() => MoneyType, { description: 'Current less usual.' }) change: Money;
  @Field(() => DecimalScalar, { description: 'How many times its usual spread it moved; 3.5 and more is out of line.' })
  score: string;
  @Field(() => AnomalyCauseEnum) cause: AnomalyCause;
}

@ObjectType('TenantImpact', { description: "What a change of cost did to one tenant's margin.", simpleResolvers: true })
export class TenantImpactType {
  @Field(() => String, { nullable: true, description: 'Null: nobody yet.' }) tenantId: string | null;
  @Field(() => MoneyType, { description: 'What it did to the margin: less where the cost rose.' }) margin: Money;
}

@ObjectType('ResourceCostAnomaly', {
  simpleResolvers: true,
  description: 'A resource whose cost moved out of line with its own history.',
})
export class ResourceCostAnomalyType extends CostAnomalyFields {
  @Field(() => TenantImpactType, { description: 'Whose margin it moves.' }) impact: TenantImpactType;
}
export const ResourceCostAnomalyConnection = connectionOf<ResourceCostAnomalyType>(
  () => ResourceCostAnomalyType,
  'ResourceCostAnomaly',
);

@ObjectType('KindCostAnomaly', {
  simpleResolvers: true,
  description: 'A kind whose cost as a whole moved out of line; its cause is that of the resource that moved most.',
})
export class KindCostAnomalyType extends CostAnomalyFields {
  @ListSize(20)
  @Field(() => [TenantImpactType], { description: 'Whose margin it moves; sums to `change`, taken away.' })
  impacts: TenantImpactType[];
}

@ObjectType('CostAnomalyReport', {
  simpleResolvers: true,
  description: "A month's costs against their own past, in the reporting currency, each month at its own rate.",
})
export class CostAnomalyReportType {
  @Field(() => DateScalar) period: string;
  @Field(() => CurrencyCodeEnum) currency: Currency;
  @ListSize(2)
  @Field(() => [FxRateType])
  fxRates: FxRateType[];
  @ListSize(12)
  @Field(() => [DateScalar], {
    description:
      'The months that it was compared with, newest first: of the last twelve, those ingested whose rate is known.',
  })
  history: string[];
}
