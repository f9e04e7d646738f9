/** Where the language model of a deployment comes from: nowhere, our gateway, or the tenant's own provider keys. */
export const LLM_MODES = ['none', 'managed', 'byok'] as const;
export type LlmMode = (typeof LLM_MODES)[number];
