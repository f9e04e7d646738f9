import type { ResourceKind } from '../inventory/resource-kind.js';
import type { LineText } from './line-kind.js';

/** What a line says of the resource that it bills. */
export interface LineName {
  /** The names under which the resource may be known, the likeliest first; empty where the line names none. */
  readonly names: readonly string[];
  /** As "syd1"; null where the line does not say. */
  readonly region: string | null;
  readonly sizeGb: number | null;
}

/** `name (region) 3.18GB Droplet Snapshot`, `name (region) 100GB`; read from the right, for names may hold parentheses. */
const SIZED = /^(.*) \(([a-z]{3}\d+)\) ?(\d+(?:\.\d+)?) ?GB(?: (?:droplet|volume) snapshot)?$/is;
const ADDRESS = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7})(?![\w:]|\.\d)/gi;

/** Kinds whose group description is the resource's own name, their description an id or a part of it. */
const NAMED_BY_GROUP: ReadonlySet<ResourceKind> = new Set(['k8s_cluster', 'managed_db', 'app']);

/** The name is what stands before the last " (": what follows is a label of its size, not always the slug. */
export function nameOf(kind: ResourceKind, { description, groupDescription }: LineText): LineName {
  if (kind === 'floating_ip') {
    const address = description.match(ADDRESS)?.at(-1);
    return { names: address === undefined ? [] : [address], region: null, sizeGb: null };
  }
  const sized = kind === 'snapshot' || kind === 'volume' ? SIZED.exec(description) : null;
  if (sized) {
    const [, name = '', region = '', size] = sized;
    return { names: present(name), region: region.toLowerCase(), sizeGb: Number(size) };
  }
  const own = present(beforeLastBracket(description));
  const group = NAMED_BY_GROUP.has(kind) && groupDescription !== null ? [groupDescription] : [];
  return { names: [...group, ...own], region: null, sizeGb: null };
}

function beforeLastBracket(text: string): string {
  const bracket = text.lastIndexOf(' (');
  return bracket < 0 ? text : text.slice(0, bracket);
}

function present(name: string): string[] {
  const trimmed = name.trim();
  return trimmed === '' ? [] : [trimmed];
}
