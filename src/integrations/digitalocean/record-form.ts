/**
 * Records in one form. The provider wants host names in `data` with a final dot and shows them without, takes `name`
 * relative to the zone and filters by the full name. Ours: relative names, "@" for the zone itself, no final dot.
 */

const HOST_DATA: ReadonlySet<string> = new Set(['CNAME', 'MX', 'NS', 'SRV']);

interface RecordData {
  readonly type: string;
  readonly data: string;
  readonly tag?: string | null;
}

/** "www.sky-ai.com.", "www.sky-ai.com" and "www" in sky-ai.com are all "www". */
export function relativeName(zone: string, name: string): string {
  const bare = withoutDot(name).toLowerCase();
  const apex = withoutDot(zone).toLowerCase();
  if (bare === '' || bare === '@' || bare === apex) return '@';
  return bare.endsWith(`.${apex}`) ? bare.slice(0, -apex.length - 1) : bare;
}

export function fullName(zone: string, name: string): string {
  const relative = relativeName(zone, name);
  const apex = withoutDot(zone).toLowerCase();
  return relative === '@' ? apex : `${relative}.${apex}`;
}

export function toProviderData(record: RecordData): string {
  if (!isHost(record) || record.data === '@' || record.data.endsWith('.')) return record.data;
  return `${record.data}.`;
}

export function fromProviderData(record: RecordData): string {
  return isHost(record) ? withoutDot(record.data) : record.data;
}

/** A CAA record names a host where it says who may issue; its iodef is an address, and ";" means nobody. */
function isHost({ type, data, tag }: RecordData): boolean {
  if (type.toUpperCase() === 'CAA') return tag !== 'iodef' && !data.includes(';');
  return HOST_DATA.has(type.toUpperCase());
}

/** "." alone is the root and stays. */
function withoutDot(text: string): string {
  return text.length > 1 && text.endsWith('.') ? text.slice(0, -1) : text;
}
