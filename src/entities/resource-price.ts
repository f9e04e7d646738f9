import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { BillingKind } from '../core/metering/billing-kind.js';
import type { DecimalText } from '../core/money/decimal-text.js';
import type { Currency } from '../core/money/money.js';
import type { Day } from '../core/time/period.js';

/** Price of what no plan item covers, from a day until the next one begins. */
@Entity('resource_prices')
export class ResourcePrice {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'text' }) kind: BillingKind;
  @Column({ type: 'text' }) unit: string;
  @Column({ type: 'numeric' }) unitPriceCents: DecimalText;
  @Column({ type: 'text' }) currency: Currency;
  @Column({ type: 'date' }) effectiveFrom: Day;
}
