/** Roles that mean something in a JWT. */
export const OPERATOR = 'platform-admin';
export const LLM_GATEWAY = 'llm-gateway';
