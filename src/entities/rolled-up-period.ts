import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Period } from '../core/time/period.js';

/** A month that the schedule rolled up. */
@Entity('rolled_up_periods')
export class RolledUpPeriod {
  @PrimaryColumn({ type: 'date' }) period: Period;
  @Column({ type: 'timestamptz' }) rolledUpAt: Date;
}
