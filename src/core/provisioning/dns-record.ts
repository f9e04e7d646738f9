import { isIPv4, isIPv6 } from 'node:net';
import type { FieldProblem } from '../../errors.js';

/** The DNS record to set. */
export interface DnsRecordSpec {
  readonly domain: string;
  readonly type: string;
  /** Host part, `@` for the apex. */
  readonly name: string;
  readonly data: string;
  readonly ttl: number;
  /** MX and SRV. */
  readonly priority?: number | null;
  /** SRV. */
  readonly port?: number | null;
  /** SRV. */
  readonly weight?: number | null;
  /** CAA. */
  readonly flags?: number | null;
  /** CAA: `issue`, `issuewild` or `iodef`. */
  readonly tag?: string | null;
}

/** Without SOA, which only the provider sets. */
const TYPES: ReadonlySet<string> = new Set(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT']);
/** The provider rejects less. */
const MIN_TTL = 30;
const MAX_TTL = 2_147_483_647;
const MAX_TEXT = 4_096;
const MAX_UINT16 = 65_535;

/** Normalizes the key of a record: lower case, only the host part, no final dot, the type in upper case. */
export function normalizeRecordKey<T extends Pick<DnsRecordSpec, 'domain' | 'type' | 'name'>>(record: T): T {
  const domain = withoutDot(record.domain.trim().toLowerCase());
  const name = withoutDot(record.name.trim().toLowerCase());
  const isApex = name === '' || name === '@' || name === domain;
  const host = name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : name;
  return { ...record, domain, type: record.type.trim().toUpperCase(), name: isApex ? '@' : host };
}

/** The problems of a normalized key. */
export function recordKeyProblems(
  { domain, type, name }: Pick<DnsRecordSpec, 'domain' | 'type' | 'name'>,
  path: string,
): FieldProblem[] {
  const at = (field: string) => (path === '' ? field : `${path}.${field}`);
  return [
    ...(isHost(domain) && domain.includes('.')
      ? []
      : [{ path: at('domain'), message: 'takes a domain, as example.com' }]),
    ...(TYPES.has(type) ? [] : [{ path: at('type'), message: `takes ${[...TYPES].join(', ')}` }]),
    ...(name === '@' || isRecordName(name)
      ? []
      : [{ path: at('name'), message: 'takes the host part of a name, as www, or @ for the domain itself' }]),
  ];
}

/** The problems of a record whose key is normalized. */
export function recordProblems(record: DnsRecordSpec, path: string): FieldProblem[] {
  const { type, name, data, ttl, priority, port, weight, flags, tag } = record;
  const problems = recordKeyProblems(record, path);
  const report = (field: string, message: string) => problems.push({ path: `${path}.${field}`, message });
  const number = (field: string, value: number | null | undefined, max: number, isRequired: boolean) => {
    if (value === null || value === undefined ? isRequired : value < 0 || value > max)
      report(field, `takes 0 to ${max}`);
  };
  const wrongData = dataProblem(type, data);
  if (wrongData) report('data', wrongData);
  if (type === 'CNAME' && name === '@') report('name', 'cannot be @ for a CNAME: the domain itself has other records');
  if (ttl < MIN_TTL || ttl > MAX_TTL) report('ttl', `takes ${MIN_TTL} to ${MAX_TTL} seconds`);
  number('priority', priority, MAX_UINT16, type === 'MX' || type === 'SRV');
  number('port', port, MAX_UINT16, type === 'SRV');
  number('weight', weight, MAX_UINT16, type === 'SRV');
  number('flags', flags, 255, type === 'CAA');
  if (type === 'CAA' && !['issue', 'issuewild', 'iodef'].includes(tag ?? ''))
    report('tag', 'takes issue, issuewild or iodef');
  return problems;
}

function dataProblem(type: string, data: string): string | null {
  switch (type) {
    case 'A':
      return isIPv4(data) ? null : 'takes an IPv4 address, as 203.0.113.7';
    case 'AAAA':
      return isIPv6(data) ? null : 'takes an IPv6 address, as 2001:db8::7';
    case 'CNAME':
    case 'MX':
    case 'NS':
    case 'SRV':
      return data === '@' || isRecordName(withoutDot(data.toLowerCase())) ? null : 'takes the name of a host';
    default:
      return data.length >= 1 && data.length <= MAX_TEXT ? null : `takes 1 to ${MAX_TEXT} characters`;
  }
}

function isHost(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}

/** Labels may begin with an underscore, and the first may be a wildcard. */
function isRecordName(name: string): boolean {
  const labels = name.split('.');
  return (
    name.length <= 253 &&
    labels.every(
      (label, place) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label) || (label === '*' && place === 0),
    )
  );
}

/** "." alone is the root and stays. */
function withoutDot(text: string): string {
  return text.length > 1 && text.endsWith('.') ? text.slice(0, -1) : text;
}
