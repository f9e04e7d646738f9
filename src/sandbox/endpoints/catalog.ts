import { notFound, ok } from '../answers.js';
import { listed } from '../paging.js';
import type { Routes } from '../router.js';
import { asImage } from './droplet-view.js';

export const catalog: Routes = {
  'GET /v2/account': () =>
    ok({
      account: {
        droplet_limit: 25,
        floating_ip_limit: 5,
        email: 'ops@sky-ai.com',
        name: 'Sky AI',
        uuid: 'b6fr89dbf6d9156cace5f3c78dc9851d957381ef',
        email_verified: true,
        status: 'active',
        status_message: '',
        team: { uuid: '5df3e3004a17e242b7c20ca6c9fc25b701a47ece', name: 'Sky AI' },
      },
    }),
  'GET /v2/sizes': (call) => listed(call, 'sizes', call.account.sizes),
  'GET /v2/regions': (call) => listed(call, 'regions', call.account.regions),
  'GET /v2/images': (call) => {
    const { account, query, state } = call;
    if (query.get('private') !== 'true') return listed(call, 'images', account.images);
    const own = Object.values(account.snapshots).filter(
      (snapshot) => snapshot['resource_type'] === 'droplet' && !state.hidden[`snapshots/${snapshot['id']}`],
    );
    return listed(call, 'images', own.map(asImage));
  },
  'GET /v2/images/:id': ({ account, params }) => {
    const id = params['id'] as string;
    const image = account.images.find((each) => each['slug'] === id || String(each['id']) === id);
    if (image) return ok({ image });
    const snapshot = account.snapshots[id];
    if (snapshot?.['resource_type'] !== 'droplet') throw notFound();
    return ok({ image: asImage(snapshot) });
  },
};
