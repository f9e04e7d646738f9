import type { WireObject } from './account.js';

/** The private address comes with an active droplet, the public one a little after. */
export function addAddress(droplet: WireObject, type: 'private' | 'public'): void {
  const { v4 } = droplet['networks'] as { v4: WireObject[] };
  if (v4.some((address) => address['type'] === type)) return;
  const host = hostPart(Number(droplet['id']));
  v4.push(
    type === 'private'
      ? { ip_address: `10.127.${host}`, netmask: '255.255.0.0', gateway: '10.127.0.1', type }
      : { ip_address: `170.65.${host}`, netmask: '255.255.0.0', gateway: '170.65.0.1', type },
  );
}

export function balancerAddress(number: number): string {
  return `170.66.${hostPart(number)}`;
}

export function reservedAddress(number: number): string {
  return `170.67.${hostPart(number)}`;
}

/** Another one for each of 62,500 numbers in a row. */
function hostPart(number: number): string {
  return `${Math.floor(number / 250) % 250}.${2 + (number % 250)}`;
}
