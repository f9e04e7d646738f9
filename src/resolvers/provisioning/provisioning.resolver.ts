import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import { decommissionDeployment } from '../../services/provisioning/decommission-deployment.js';
import { destroyDroplet, provisionDroplet, snapshotDroplet } from '../../services/provisioning/droplet-sagas.js';
import { deleteDnsRecord, upsertDnsRecord } from '../../services/provisioning/record-sagas.js';
import { Authorized } from '../authorized.js';
import type { RequestContext } from '../request-context.js';
import { DnsRecordInput, ProvisionDropletInput, SagaPayload } from '../sagas/types.js';

/** The mutations that change the cloud; each answers the saga that does it. */
@Resolver()
export class ChangeResolver {
  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload)
  async provisionDroplet(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('input', () => ProvisionDropletInput) input: ProvisionDropletInput,
  ): Promise<SagaPayload> {
    return { saga: await provisionDroplet(app, viewer, input) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, { description: 'Cannot be undone.' })
  async destroyDroplet(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('resourceId', () => ID) resourceId: string,
    @Arg('idempotencyKey', () => String, { nullable: true }) idempotencyKey?: string | null,
  ): Promise<SagaPayload> {
    return { saga: await destroyDroplet(app, viewer, resourceId, idempotencyKey) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload)
  async snapshotDroplet(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('resourceId', () => ID) resourceId: string,
    @Arg('idempotencyKey', () => String, { nullable: true }) idempotencyKey?: string | null,
  ): Promise<SagaPayload> {
    return { saga: await snapshotDroplet(app, viewer, resourceId, idempotencyKey) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, {
    description:
      'By type and name: absent is created, the same data is left alone, other data is replaced. Fails where several records bear that type and name.',
  })
  async upsertDnsRecord(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('input', () => DnsRecordInput) input: DnsRecordInput,
  ): Promise<SagaPayload> {
    return { saga: await upsertDnsRecord(app, viewer, input) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, { description: 'All records of that type and name; none is success.' })
  async deleteDnsRecord(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('domain', () => String) domain: string,
    @Arg('type', () => String) type: string,
    @Arg('name', () => String) name: string,
    @Arg('idempotencyKey', () => String, { nullable: true }) idempotencyKey?: string | null,
  ): Promise<SagaPayload> {
    return { saga: await deleteDnsRecord(app, viewer, { domain, type, name }, idempotencyKey) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, {
    description: 'Snapshot, destroy, remove DNS, then CANCELLED and ARCHIVED.',
  })
  async decommissionDeployment(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('idempotencyKey', () => String, { nullable: true }) idempotencyKey?: string | null,
  ): Promise<SagaPayload> {
    return { saga: await decommissionDeployment(app, viewer, id, idempotencyKey) };
  }
}
