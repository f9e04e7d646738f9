import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import { decommissionDeployment } from '../../services/provisioning/decommission-deployment.js';
import { destroyDroplet, provisionDroplet, snapshotDroplet } from '../../services/provisioning/droplet-sagas.js';
import { deleteDnsRecord, upsertDnsRecord } from '../../services/provisioning/record-sagas.js';
import { Authorized } from '../authorized.js';
import type { RequestContext } from '../request-context.js';
import { DnsRecordInput, IDEMPOTENCY_KEY, ProvisionDropletInput, SagaPayload } from '../sagas/types.js';

/** The mutations that change the cloud. Each answers the saga that makes the change. */
@Resolver()
export class ProvisioningResolver {
  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, { description: 'Creates a droplet.' })
  async provisionDroplet(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('input', () => ProvisionDropletInput) input: ProvisionDropletInput,
  ): Promise<SagaPayload> {
    return { saga: await provisionDroplet(app, viewer, input) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, { description: 'Destroys a droplet and its data for good.' })
  async destroyDroplet(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('resourceId', () => ID, { description: 'A resource of the kind DROPLET.' }) resourceId: string,
    @Arg('idempotencyKey', () => String, { nullable: true, description: IDEMPOTENCY_KEY }) idempotencyKey?:
      | string
      | null,
  ): Promise<SagaPayload> {
    return { saga: await destroyDroplet(app, viewer, resourceId, idempotencyKey) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, { description: 'Takes a snapshot of a droplet.' })
  async snapshotDroplet(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('resourceId', () => ID, { description: 'A resource of the kind DROPLET.' }) resourceId: string,
    @Arg('idempotencyKey', () => String, { nullable: true, description: IDEMPOTENCY_KEY }) idempotencyKey?:
      | string
      | null,
  ): Promise<SagaPayload> {
    return { saga: await snapshotDroplet(app, viewer, resourceId, idempotencyKey) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, {
    description:
      'Creates the record of that domain, type and name, or replaces its data. Changes nothing if the record has the data already. Fails if several records have that type and name.',
  })
  async upsertDnsRecord(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('input', () => DnsRecordInput) input: DnsRecordInput,
  ): Promise<SagaPayload> {
    return { saga: await upsertDnsRecord(app, viewer, input) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, {
    description: 'Deletes all records of that domain, type and name. Succeeds if there are none.',
  })
  async deleteDnsRecord(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('domain', () => String, { description: 'As example.com.' }) domain: string,
    @Arg('type', () => String, { description: 'A, AAAA, CAA, CNAME, MX, NS, SRV or TXT.' }) type: string,
    @Arg('name', () => String, { description: 'The host part, as www; `@` for the domain itself.' }) name: string,
    @Arg('idempotencyKey', () => String, { nullable: true, description: IDEMPOTENCY_KEY }) idempotencyKey?:
      | string
      | null,
  ): Promise<SagaPayload> {
    return { saga: await deleteDnsRecord(app, viewer, { domain, type, name }, idempotencyKey) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => SagaPayload, {
    description:
      'Takes a snapshot of each droplet, deletes the DNS records and the droplets, ends the subscription, then sets the deployment to CANCELLED and ARCHIVED. Final.',
  })
  async decommissionDeployment(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('idempotencyKey', () => String, { nullable: true, description: IDEMPOTENCY_KEY }) idempotencyKey?:
      | string
      | null,
  ): Promise<SagaPayload> {
    return { saga: await decommissionDeployment(app, viewer, id, idempotencyKey) };
  }
}
