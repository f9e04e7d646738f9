/** Where the token lives: this browser's storage, and nowhere else. */
const KEY = 'arcadia-cloud:token';

/** The token to start with. One in the address (`#token=…`) wins, and leaves the address at once. */
export function initialToken() {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get('token');
  if (fromAddress) {
    history.replaceState(null, '', location.pathname + location.search);
    storeToken(fromAddress);
  }
  return localStorage.getItem(KEY) ?? '';
}

/** @param {string} token */
export function storeToken(token) {
  if (token === '') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, token);
}

/** What a user pastes may begin with the scheme. @param {string} pasted */
export function cleanToken(pasted) {
  return pasted.trim().replace(/^bearer\s+/i, '');
}

/**
 * @typedef {{ subject: string, tenantId: string, isOperator: boolean }} Viewer
 * @typedef {{ viewer: Viewer | null, error: string | null, rootFields: ReadonlySet<string> | null }} Session
 */

const WHO_AND_WHAT = `{
  viewer { subject tenantId isOperator }
  __schema {
    queryType { fields { name } }
    mutationType { fields { name } }
    subscriptionType { fields { name } }
  }
}`;

/** Asks the server who this token is, and which root fields there are. @returns {Promise<Session>} */
export async function openSession(url, token) {
  if (token === '') return { viewer: null, error: null, rootFields: null };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: WHO_AND_WHAT }),
    });
    const { data, errors } = await response.json();
    if (!data?.viewer)
      return { viewer: null, error: errors?.[0]?.message ?? `HTTP ${response.status}`, rootFields: null };
    return { viewer: data.viewer, error: null, rootFields: rootFieldNames(data.__schema) };
  } catch (error) {
    return { viewer: null, error: `The server does not answer (${error.message}).`, rootFields: null };
  }
}

function rootFieldNames(schema) {
  const names = new Set();
  for (const operation of ['query', 'mutation', 'subscription']) {
    for (const field of schema?.[`${operation}Type`]?.fields ?? []) names.add(`${operation}.${field.name}`);
  }
  return names;
}
