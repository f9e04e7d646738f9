/** The columns of a project that the API shows. */
export const PROJECT_COLUMNS = [
  'id',
  'provider',
  'providerId',
  'name',
  'description',
  'providerPurpose',
  'classifiedPurpose',
  'environment',
  'isDefault',
  'tenantId',
] as const;
export type ProjectColumn = (typeof PROJECT_COLUMNS)[number];
