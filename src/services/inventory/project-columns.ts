/** A project's fields and their columns. */
export const PROJECT_COLUMNS = {
  id: 'id',
  provider: 'provider',
  providerId: 'provider_id',
  name: 'name',
  description: 'description',
  providerPurpose: 'provider_purpose',
  classifiedPurpose: 'classified_purpose',
  environment: 'environment',
  isDefault: 'is_default',
  tenantId: 'tenant_id',
} as const;
export type ProjectColumn = keyof typeof PROJECT_COLUMNS;
