import type { FieldProblem } from '../../errors.js';

/** The droplet to create. */
export interface DropletSpec {
  readonly name: string;
  readonly sizeSlug: string;
  /** A slug, or an image's id in digits. */
  readonly image: string;
  readonly region: string;
  readonly tags: readonly string[];
}

/** The tags that the provider accepts. */
const TAG = /^[A-Za-z0-9:_-]{1,255}$/;
const MAX_TAGS = 50;
/** Tags by which a saga finds its droplet. A caller who could set them could make a saga adopt another droplet. */
export const RESERVED_TAG = /^(arcadia-saga-|managed-by-arcadia-cloud$)/i;
const SLUG = /^[a-z0-9][a-z0-9.-]{0,99}$/;

/**
 * Whether the provider reads an image name as the slug of a public image (private ones have none) or as the id of a
 * snapshot or backup. Public slugs begin with a letter; an id is digits, or the UUID of a volume's snapshot, which boots nothing.
 */
export function imageReference(image: string): 'slug' | 'id' | 'unknown' {
  if (/^[1-9]\d*$/.test(image)) return 'id';
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(image);
  return /^[a-z]/.test(image) && !isUuid ? 'slug' : 'unknown';
}

/** The problems of a droplet's spec. The provider checks whether it has the size, image and region. */
export function dropletSpecProblems(spec: DropletSpec, path = 'input'): FieldProblem[] {
  return [
    ...hostNameProblems(spec.name, `${path}.name`),
    ...dropletPlaceProblems(spec, path),
    ...spec.tags.flatMap((tag, index) => tagProblems(tag, `${path}.tags.${index}`)),
    ...(spec.tags.length > MAX_TAGS ? [{ path: `${path}.tags`, message: `takes at most ${MAX_TAGS} tags` }] : []),
  ];
}

/** The problems of the name of an existing droplet. */
export const dropletNameProblems = hostNameProblems;

/** The problems of the tags of an existing droplet, which may have tags that sagas set. */
export function dropletTagProblems(tags: readonly string[], path: string): FieldProblem[] {
  if (tags.length > MAX_TAGS) return [{ path, message: `takes at most ${MAX_TAGS} tags` }];
  return tags.flatMap((tag, index) =>
    TAG.test(tag) ? [] : [{ path: `${path}.${index}`, message: 'takes 1 to 255 of A-Z, a-z, 0-9, :, _ and -' }],
  );
}

export function dropletPlaceProblems(
  { sizeSlug, image, region }: Pick<DropletSpec, 'sizeSlug' | 'image' | 'region'>,
  path: string,
): FieldProblem[] {
  return [
    ...slugProblems(sizeSlug, `${path}.sizeSlug`, 'a size, as s-1vcpu-1gb'),
    ...slugProblems(image, `${path}.image`, 'an image, as ubuntu-24-04-x64, or its id in digits'),
    ...slugProblems(region, `${path}.region`, 'a region, as syd1'),
  ];
}

function hostNameProblems(name: string, path: string): FieldProblem[] {
  const isHostName = name.length <= 255 && /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name);
  const message = 'takes 1 to 255 of A-Z, a-z, 0-9, . and -, beginning and ending with a letter or digit';
  return isHostName ? [] : [{ path, message }];
}

export function slugProblems(slug: string, path: string, what: string): FieldProblem[] {
  return SLUG.test(slug) ? [] : [{ path, message: `takes ${what}` }];
}

function tagProblems(tag: string, path: string): FieldProblem[] {
  if (!TAG.test(tag)) return [{ path, message: 'takes 1 to 255 of A-Z, a-z, 0-9, :, _ and -' }];
  return RESERVED_TAG.test(tag) ? [{ path, message: 'is a tag that only sagas set' }] : [];
}
