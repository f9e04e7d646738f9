import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Resources may be VPCs. */
export class Vpcs1763600002300 implements MigrationInterface {
  name = 'Vpcs1763600002300';

  async up(db: QueryRunner): Promise<void> {
    // Without a scan of the table: every row satisfies the narrower check that it replaces.
    await db.query(`
      alter table cloud_resources
        drop constraint cloud_resources_kind_check,
        add constraint cloud_resources_kind_check check (kind in ('droplet', 'droplet_backup', 'snapshot', 'volume',
          'floating_ip', 'firewall', 'load_balancer', 'dns_zone', 'spaces_bucket', 'managed_db', 'k8s_cluster', 'app', 'vpc',
          'other')) not valid;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
