import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../core/time/period.js';

/** A day that was metered. */
@Entity('metered_days')
export class MeteredDay {
  @PrimaryColumn({ type: 'date' }) day: Day;
  @Column({ type: 'timestamptz' }) meteredAt: Date;
}
