import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What is offered; its versions say at what price. */
@Entity('plans')
export class Plan {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'text' }) code: string;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'text', nullable: true }) description: string | null;
}
