import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Currency } from '../core/money/money.js';

/** What the account owed the provider at one instant; negative is credit. */
@Entity('cloud_balance_snapshots')
export class CloudBalanceSnapshot {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'timestamptz' }) takenAt: Date;
  @Column({ type: 'bigint' }) monthToDateUsageCents: string;
  /** The sum of the other two. */
  @Column({ type: 'bigint' }) monthToDateBalanceCents: string;
  @Column({ type: 'bigint' }) accountBalanceCents: string;
  @Column({ type: 'text' }) currency: Currency;
}
