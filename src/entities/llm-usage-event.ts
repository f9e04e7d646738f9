import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DecimalText } from '../core/money/decimal-text.js';
import type { Currency } from '../core/money/money.js';

/** One request that the LLM gateway charged. */
@Entity('llm_usage_events')
export class LlmUsageEvent {
  @PrimaryColumn({ type: 'text' }) gatewayRequestId: string;
  @Column({ type: 'uuid' }) deploymentId: string;
  @Column({ type: 'timestamptz' }) occurredAt: Date;
  @Column({ type: 'text' }) model: string;
  @Column({ type: 'bigint' }) inputTokens: string;
  @Column({ type: 'bigint' }) outputTokens: string;
  @Column({ type: 'numeric' }) charge: DecimalText;
  @Column({ type: 'text' }) currency: Currency;
  @Column({ type: 'timestamptz' }) recordedAt: Date;
  @Column({ type: 'uuid', nullable: true }) invoiceId: string | null;
}
