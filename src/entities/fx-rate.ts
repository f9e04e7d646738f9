import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DecimalText } from '../core/money/decimal-text.js';
import type { Currency } from '../core/money/money.js';
import type { Day } from '../core/time/period.js';

/** One unit of `base` is `rate` units of `quote`, from that day until a later rate of the pair. */
@Entity('fx_rates')
export class FxRate {
  @PrimaryColumn({ type: 'text' }) base: Currency;
  @PrimaryColumn({ type: 'text' }) quote: Currency;
  @PrimaryColumn({ type: 'date' }) effectiveFrom: Day;
  @Column({ type: 'numeric' }) rate: DecimalText;
}
