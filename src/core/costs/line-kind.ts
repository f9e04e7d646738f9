import type { ResourceKind } from '../inventory/resource-kind.js';
import type { CostLineDraft } from './csv-line.js';

/** The words of a line by which it is told what it bills. */
export type LineText = Pick<CostLineDraft, 'product' | 'groupDescription' | 'description'>;

/** What a line bills. A tax has no kind; what is billed to the account may have one. */
export type LineSubject =
  | { readonly type: 'tax'; readonly kind: null }
  | { readonly type: 'unknown'; readonly kind: null }
  | { readonly type: 'account'; readonly kind: ResourceKind | null }
  | { readonly type: 'resource'; readonly kind: ResourceKind };

/** How a description ends, behind the resource's name: right even where the product is a more general one. */
const KIND_BY_ENDING: readonly (readonly [RegExp, ResourceKind])[] = [
  [/\d ?GB (?:droplet|volume) snapshot$/i, 'snapshot'],
  [/ \([^()]*\bbackup services?\)$/i, 'droplet_backup'],
];

/** Specific phrases before generic ones: the first that fits decides. */
const KIND_BY_PRODUCT: readonly (readonly [RegExp, ResourceKind])[] = [
  [/\bdatabases?\b/i, 'managed_db'],
  [/\bsnapshots?\b/i, 'snapshot'],
  [/^(?:(?:weekly|daily) )?(?:droplet )?backups?\b/i, 'droplet_backup'],
  [/\bload balancers?\b/i, 'load_balancer'],
  [/\b(?:floating|reserved) ip/i, 'floating_ip'],
  [/\bspaces\b|\bobject storage\b/i, 'spaces_bucket'],
  [/\bkubernetes\b/i, 'k8s_cluster'],
  [/\bapp platform\b|^apps?\b/i, 'app'],
  [/\bvolumes?\b|\bblock storage\b/i, 'volume'],
  [/\bdroplets?\b/i, 'droplet'],
];

/** Kinds whose resources lines can name; a backup's line names its droplet. */
export const NAMED_KINDS: ReadonlySet<ResourceKind> = new Set(
  KIND_BY_PRODUCT.map(([, kind]) => (kind === 'droplet_backup' ? 'droplet' : kind)),
);

/** Products that are billed to the account, whatever they are of. */
const ACCOUNT_PRODUCT = /\b(?:subscriptions?|support|credits?|adjustments?|refunds?|promo(?:tions?)?)\b/i;
/** Likewise, unless the product names a kind: transfer is pooled over the team, but itemised by Spaces bucket. */
const POOLED_PRODUCT = /\b(?:bandwidth|transfer|uptime|container registry)\b/i;

/** As a word: neither `taxi` nor `gst-app` nor `vat.example.com`. */
const TAX_WORD = /(?<![\w.-])(?:gst|vat|tax|taxes)(?![\w-]|\.\w)/i;

/**
 * By the product first, because descriptions hold names that people chose: a droplet named `gst` is no tax. A product
 * that nobody knows is no error.
 */
export function subjectOf({ product, description }: LineText): LineSubject {
  const said = product === '' ? description : product;
  const kind = TAX_WORD.test(product) ? null : firstFit(KIND_BY_PRODUCT, said);
  if (kind === null && (TAX_WORD.test(product) || TAX_WORD.test(description))) return { type: 'tax', kind: null };
  if (ACCOUNT_PRODUCT.test(said)) return { type: 'account', kind };
  const specific = firstFit(KIND_BY_ENDING, description) ?? kind;
  if (specific !== null) return { type: 'resource', kind: specific };
  return POOLED_PRODUCT.test(said) ? { type: 'account', kind: null } : { type: 'unknown', kind: null };
}

export function isTaxLine(line: LineText): boolean {
  return subjectOf(line).type === 'tax';
}

function firstFit(rules: readonly (readonly [RegExp, ResourceKind])[], text: string): ResourceKind | null {
  for (const [phrase, kind] of rules) if (phrase.test(text)) return kind;
  return null;
}
