import type { WireObject } from '../account.js';

/** The network that DigitalOcean makes with an account's first droplet of a region. */
export const defaultVpc: WireObject & { id: string } = {
  id: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
  urn: 'do:vpc:760e09ef-dc84-11e8-981e-3cfdfeaae000',
  name: 'default-syd1',
  description: '',
  region: 'syd1',
  ip_range: '10.126.0.0/20',
  default: true,
  created_at: '2014-12-03T02:11:09Z',
};
