import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * Whom limits of anonymous requests count: an IPv4 address, or the /64 network of an IPv6 address, since one host may use
 * all of it. Behind proxies it is the address that the outermost trusted one saw; without any, `x-forwarded-for` is the
 * caller's own invention and is ignored.
 */
export function clientAddress(req: IncomingMessage, trustedProxies: number): string {
  const forwarded = trustedProxies === 0 ? [] : String(req.headers['x-forwarded-for'] ?? '').split(',');
  const address = forwarded.at(-trustedProxies)?.trim() || (req.socket.remoteAddress ?? '');
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').slice(0, 64);
  return isIPv6(plain) ? `${networkOf(plain)}::/64` : plain;
}

/** The first four groups, with what `::` stands for written out. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - last.length);
  return [...groups, ...Array<string>(zeros).fill('0'), ...last]
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}

/** Whether the caller's connection is encrypted: to us, or to the proxy that passes it on. */
export function isEncrypted(req: IncomingMessage, trustedProxies: number): boolean {
  if ('encrypted' in req.socket) return true;
  if (trustedProxies === 0) return false;
  return (
    String(req.headers['x-forwarded-proto'] ?? '')
      .split(',')[0]
      ?.trim() === 'https'
  );
}
