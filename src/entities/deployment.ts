import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DeploymentState } from '../core/deployments/deployment-state.js';
import type { LlmMode } from '../core/pricing/llm-mode.js';

/** The billable unit: one app instance of one tenant. */
@Entity('deployments')
export class Deployment {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'text' }) tenantId: string;
  /** Unique within the tenant. */
  @Column({ type: 'text' }) slug: string;
  @Column({ type: 'text' }) displayName: string;
  @Column({ type: 'text', nullable: true }) region: string | null;
  @Column({ type: 'text' }) state: DeploymentState;
  @Column({ type: 'text' }) llmMode: LlmMode;
  /** Operator override: no automatic billing action is taken on it. */
  @Column({ type: 'boolean' }) billingActionSuspended: boolean;
  @Column({ type: 'text', nullable: true }) templateCode: string | null;
  @Column({ type: 'text', nullable: true }) templateVersion: string | null;
  @Column({ type: 'timestamptz' }) createdAt: Date;
}
