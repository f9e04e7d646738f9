import { isDeepStrictEqual } from 'node:util';
import type { WireObject } from '../account.js';
import { unprocessable } from '../answers.js';

export type RuleKind = 'inbound_rules' | 'outbound_rules';

const PORTS = /^\d{1,5}(-\d{1,5})?$/;

/** The rules of one direction as they are kept: ports are text, `0` for all of them and for every icmp. */
export function readRules(body: WireObject, kind: RuleKind): WireObject[] {
  const given = body[kind] ?? [];
  if (!Array.isArray(given)) throw unprocessable(`${kind} must be a list`);
  const target = kind === 'inbound_rules' ? 'sources' : 'destinations';
  return (given as WireObject[]).map((rule) => {
    const { protocol, [target]: among } = rule;
    if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'icmp')
      throw unprocessable('protocol must be tcp, udp or icmp');
    if (typeof among !== 'object' || among === null) throw unprocessable(`${target} is required`);
    const ports = protocol === 'icmp' || rule['ports'] === 'all' ? '0' : rule['ports'];
    if (typeof ports !== 'string' || !PORTS.test(ports)) throw unprocessable('ports must be a port or a range');
    return { protocol, ports, [target]: among };
  });
}

export function sameRule(one: WireObject, other: WireObject): boolean {
  return isDeepStrictEqual(one, other);
}
