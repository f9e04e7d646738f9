import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { watchStream } from './watch-stream.ts';

/**
 * What GraphiQL calls for every operation: HTTP for queries and mutations, a socket for subscriptions. Both send the
 * token of the top bar, and what the Headers tab says on top of it.
 *
 * @param {string} url
 * @param {() => string} currentToken
 * @returns {import('@graphiql/toolkit').Fetcher}
 */
export function createFetcher(url, currentToken) {
  return (params, { headers } = {}) => {
    const sent = mergeHeaders(currentToken(), headers);
    const operation = chosenOperation(params);
    const asked = { ...params, operationName: operation?.name?.value ?? params.operationName };
    return operation?.operation === 'subscription' ? subscribe(url, asked, sent) : post(url, asked, sent);
  };
}

/** From the text itself: right after a change of tabs, GraphiQL still names the operation of the tab before. */
function chosenOperation({ query, operationName }) {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document);
  } catch {
    return null; // the server says what is wrong with it
  }
}

/** Names in lower case, so that the Headers tab replaces the token however it is spelt there. */
function mergeHeaders(token, headers = {}) {
  const own = token === '' ? {} : { authorization: `Bearer ${token}` };
  return { ...own, ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])) };
}

async function post(url, params, headers) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${response.status}: ${text.slice(0, 500) || response.statusText}`);
  }
}

function subscribe(url, params, headers) {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    connectionParams: headers,
    // A reconnect without a cursor could miss events unseen: the stream says that it ended, and with which cursor.
    retryAttempts: 0,
  });
  return watchStream((sink) => {
    const unsubscribe = client.subscribe(params, sink);
    return () => {
      unsubscribe();
      void client.dispose();
    };
  });
}
