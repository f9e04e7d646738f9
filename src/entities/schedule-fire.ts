import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When a schedule last made a job that a worker took. */
@Entity('schedule_fires')
export class ScheduleFire {
  @PrimaryColumn({ type: 'text' }) scheduleId: string;
  @Column({ type: 'timestamptz' }) firedAt: Date;
}
