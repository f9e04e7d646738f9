import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Operations that a caller has used of a window. In the form of rate-limiter-flexible, which writes it; lost with a crash. */
@Entity('rate_limits')
export class RateLimit {
  /** Tenant, subject, role and window. */
  @PrimaryColumn({ type: 'varchar', length: 255 }) key: string;
  @Column({ type: 'int', default: 0 }) points: number;
  /** Milliseconds since 1970. */
  @Column({ type: 'bigint', nullable: true }) expire: string | null;
}
