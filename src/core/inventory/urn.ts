import { KIND_DEFINITIONS, RESOURCE_KINDS, type ResourceKind } from './resource-kind.js';

const KIND_BY_URN_TYPE: ReadonlyMap<string, ResourceKind> = new Map(
  RESOURCE_KINDS.flatMap((kind) => KIND_DEFINITIONS[kind].urnTypes.map((type): [string, ResourceKind] => [type, kind])),
);

export interface ResourceIdentity {
  readonly kind: ResourceKind;
  readonly providerKind: string;
  readonly providerId: string;
}

/** `do:droplet:42` as a kind and an id. An unknown type is 'other' with its raw name; so is text that is no URN, whole. */
export function parseUrn(urn: string): ResourceIdentity {
  const match = /^do:([^:]+):(.+)$/.exec(urn);
  if (!match) return { kind: 'other', providerKind: 'unknown', providerId: urn };
  const [, type = '', providerId = ''] = match;
  const kind = KIND_BY_URN_TYPE.get(type.toLowerCase());
  if (kind === undefined) return { kind: 'other', providerKind: type, providerId };
  return { kind, providerKind: KIND_DEFINITIONS[kind].providerKind, providerId };
}
