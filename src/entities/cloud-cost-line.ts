import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MatchStatus } from '../core/costs/match.js';
import type { ResourceKind } from '../core/inventory/resource-kind.js';
import type { DecimalText } from '../core/money/decimal-text.js';

/**
 * One line of one ingest of a cloud invoice; its period and currency are the invoice's. Readers take the view
 * `live_cost_lines`, which has those and leaves out what is not, or no longer, live.
 */
@Entity('cloud_cost_lines')
export class CloudCostLine {
  @PrimaryColumn({ type: 'bigint' }) ingestId: string;
  @PrimaryColumn({ type: 'int' }) lineNumber: number;
  @Column({ type: 'bigint' }) amountCents: string;
  @Column({ type: 'timestamptz', nullable: true }) startsAt: Date | null;
  @Column({ type: 'timestamptz', nullable: true }) endsAt: Date | null;
  @Column({ type: 'uuid', nullable: true }) resourceId: string | null;
  @Column({ type: 'text' }) product: string;
  @Column({ type: 'text', nullable: true }) groupDescription: string | null;
  @Column({ type: 'text' }) description: string;
  /** What it bills; null of a tax and of what nothing tells. */
  @Column({ type: 'text', nullable: true }) kind: ResourceKind | null;
  @Column({ type: 'numeric', nullable: true }) hours: DecimalText | null;
  @Column({ type: 'text', nullable: true }) projectName: string | null;
  @Column({ type: 'text', nullable: true }) category: string | null;
  @Column({ type: 'text' }) matchStatus: MatchStatus;
  @Column({ type: 'text' }) matchReason: string;
}
