import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { DeploymentState } from '../core/deployments/deployment-state.js';

/** A change of a deployment’s state: append-only. */
@Entity('deployment_events')
export class DeploymentEvent {
  @PrimaryColumn({ type: 'uuid' }) deploymentId: string;
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' }) id: string;
  @Column({ type: 'timestamptz' }) at: Date;
  @Column({ type: 'text', nullable: true }) fromState: DeploymentState | null;
  @Column({ type: 'text' }) toState: DeploymentState;
  @Column({ type: 'text' }) actor: string;
  @Column({ type: 'text', nullable: true }) reason: string | null;
}
