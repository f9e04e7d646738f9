import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Period } from '../core/time/period.js';

/** A month of a deployment that the roll-up left out because its billing was suspended. */
@Entity('held_months')
export class HeldMonth {
  @PrimaryColumn({ type: 'uuid' }) deploymentId: string;
  @PrimaryColumn({ type: 'date' }) period: Period;
  @Column({ type: 'timestamptz' }) heldAt: Date;
}
