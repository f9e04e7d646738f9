import type { ProvisionedSet, Seen } from './provision.js';
import { type World, ZONE } from './world.js';

/** What is wrong with what there is now; nothing, where each deployment is as an undisturbed saga leaves it. */
export async function violations(world: World, { all, seenOfAll }: ProvisionedSet): Promise<string[]> {
  const [droplets, { records }, [made]] = await Promise.all([
    world.tellSandbox('GET', 'state/droplets'),
    world.tellSandbox('GET', `state/domains/${ZONE}`),
    world.sql(`select count(*)::int as sagas, count(*) filter (where inputs ? 'dns')::int as names from saga_runs`),
  ]);
  const wrong: string[] = [];
  const extra = Object.keys(droplets).length - world.golden.droplets;
  if (extra !== made.sagas) wrong.push(`${made.sagas} sagas made ${extra} droplets`);
  const named = records.length - world.golden.records;
  if (named !== made.names) wrong.push(`${made.names} sagas made ${named} records`);

  for (const { slug, sagaId, deploymentId, hasDns, seen } of all) {
    const say = (what: string) => wrong.push(`${slug} (saga ${sagaId}): ${what}`);
    const [saga] = await world.sql('select status, error, last_sequence from saga_runs where id = $1', [sagaId]);
    if (saga.status !== 'completed') say(`is ${saga.status}: ${saga.error}`);

    const tag = `arcadia-saga-${sagaId.slice(0, 8)}`;
    const own = Object.values<any>(droplets).filter((droplet) => droplet.tags.includes(tag));
    if (own.length !== 1) say(`has ${own.length} droplets`);

    const [deployment] = await world.sql(
      `select state, (select array_agg(provider_id) from cloud_resources where deployment_id = deployments.id
         and kind = 'droplet' and deleted_at is null) as droplets,
         (select string_agg(to_state, ',' order by id) from deployment_events
          where deployment_id = deployments.id) as states from deployments where id = $1`,
      [deploymentId],
    );
    if (deployment?.state !== 'active') say(`its deployment is ${deployment?.state}`);
    if (deployment?.states !== 'provisioning,active') say(`its deployment went through ${deployment?.states}`);
    const linked = String(deployment?.droplets);
    if (linked !== String(own[0]?.id)) say(`its deployment has the droplets ${linked}, not ${own[0]?.id}`);

    const pointed = records.filter((record: any) => record.name === slug).map(({ data }: any) => data);
    const wanted = hasDns ? [own[0] && publicAddressOf(own[0])] : [];
    if (String(pointed) !== String(wanted)) say(`its name points to ${pointed}, not to ${wanted}`);

    const whole = String(Array.from({ length: saga.last_sequence }, (_, place) => place + 1));
    const check = (stream: string, events: readonly Seen[]) => {
      const sequences = String(events.map(({ sequence }) => sequence));
      if (sequences !== whole) say(`${stream} said ${sequences} of 1 to ${saga.last_sequence}`);
    };
    check('its stream', seen);
    check(
      'the stream of all sagas',
      seenOfAll.filter((event) => event.sagaId === sagaId),
    );

    const doubled = await world.sql(
      `select step_name, count(*) from saga_events where saga_id = $1 and type = 'step_completed'
       group by step_name having count(*) <> 1`,
      [sagaId],
    );
    if (doubled.length > 0) say(`completed more than once: ${JSON.stringify(doubled)}`);
  }
  return wrong;
}

function publicAddressOf(droplet: any): string | undefined {
  return droplet.networks.v4.find(({ type }: any) => type === 'public')?.ip_address;
}
