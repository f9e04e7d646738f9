import type { WireObject } from '../account.js';
import { notFound, unprocessable } from '../answers.js';
import { slugOf } from '../catalog-lookup.js';
import { listOf } from '../lists.js';
import type { Call } from '../router.js';
import { begin } from './action-log.js';
import { dropletOf } from './droplet-view.js';

/** Seconds that an action of a volume takes. */
const SECONDS = { attach: 5, detach: 5, resize: 8 };

export function actOnVolume(call: Call, volume: WireObject): WireObject {
  const id = String(volume['id']);
  const { account, body } = call;
  if (account.volumes[id] === undefined) throw notFound();
  const common = { resourceType: 'volume', resourceId: null, region: volume['region'], of: `volume:${id}` };
  const [attachedTo] = listOf(volume, 'droplet_ids');
  switch (body['type']) {
    case 'attach': {
      const droplet = dropletOf(call, String(body['droplet_id']));
      if (attachedTo !== undefined) throw unprocessable('This volume is already attached.');
      if (slugOf(droplet['region']) !== slugOf(volume['region']))
        throw unprocessable('Droplet and volume must be in the same region.');
      const effect = { kind: 'attach', volumeId: id } as const;
      return begin(call, {
        ...common,
        type: 'attach_volume',
        seconds: SECONDS.attach,
        dropletId: droplet['id'],
        effect,
      });
    }
    case 'detach': {
      if (attachedTo === undefined || String(attachedTo) !== String(body['droplet_id'] ?? attachedTo))
        throw unprocessable('Attachment not found');
      const effect = { kind: 'detach', volumeId: id } as const;
      return begin(call, { ...common, type: 'detach_volume', seconds: SECONDS.detach, dropletId: attachedTo, effect });
    }
    case 'resize': {
      const sizeGb = body['size_gigabytes'];
      if (!Number.isInteger(sizeGb) || Number(sizeGb) <= Number(volume['size_gigabytes']))
        throw unprocessable('A volume can only grow.');
      const effect = { kind: 'grow', volumeId: id, sizeGb: Number(sizeGb) } as const;
      const dropletId = attachedTo ?? null;
      return begin(call, { ...common, type: 'resize_volume', seconds: SECONDS.resize, dropletId, effect });
    }
    default:
      throw unprocessable('type must be attach, detach or resize.');
  }
}
