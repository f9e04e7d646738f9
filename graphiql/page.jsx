import { GraphiQL } from 'graphiql';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { exampleGroups } from './example-groups.ts';
import { examples } from './examples.ts';
import { ExamplesMenu } from './examples-menu.jsx';
import { createFetcher } from './fetcher.js';
import { offeredExamples } from './offered-examples.ts';
import { Reintrospect } from './reintrospect.jsx';
import { cleanToken, initialToken, openSession, storeToken } from './session.js';
import { TokenBar } from './token-bar.jsx';
import { Welcome } from './welcome.jsx';
import { WhenReady } from './when-ready.jsx';

const SCALARS = { JSONObject: { type: 'object' }, SafeInt: { type: 'integer' }, Decimal: { type: 'string' } };

/** The bar with the token above, GraphiQL below; before a token is accepted, a word on how to get one. */
export function Page({ url }) {
  const [token, setToken] = useState(initialToken);
  const [session, setSession] = useState(null);
  const [withoutToken, setWithoutToken] = useState(false);
  const [ready, setReady] = useState(false);
  const becomeReady = useCallback(() => setReady(true), []);
  const current = useRef(token);
  current.current = token;
  const fetcher = useMemo(() => createFetcher(url, () => current.current), [url]);

  useEffect(() => {
    let outdated = false;
    setSession(null);
    // It answers errors as part of the session and never rejects.
    void openSession(url, token).then((opened) => outdated || setSession(opened));
    return () => {
      outdated = true;
    };
  }, [url, token]);

  useEffect(() => {
    const onHashChange = () => setToken(initialToken());
    addEventListener('hashchange', onHashChange);
    return () => removeEventListener('hashchange', onHashChange);
  }, []);

  const acceptToken = (pasted) => {
    storeToken(cleanToken(pasted));
    setToken(cleanToken(pasted));
  };

  // Once shown it stays: what is in the editors must not go with a token that expires.
  const opened = useRef(null);
  if (session?.viewer || (session && withoutToken)) opened.current ??= offeredExamples(examples, session.rootFields);
  const fields = session?.viewer ? session.rootFields : null;
  const offered = exampleGroups.map(({ title, examples: all }) => ({ title, examples: offeredExamples(all, fields) }));

  return (
    <>
      <TokenBar token={token} session={session} onToken={acceptToken} />
      {opened.current ? (
        <div className="workspace" inert={!ready}>
          <GraphiQL
            fetcher={fetcher}
            defaultTabs={opened.current.map(asTab)}
            defaultEditorToolsVisibility="variables"
            customScalarSchemas={SCALARS}
            shouldPersistHeaders={false}
          >
            <GraphiQL.Logo>
              <ExamplesMenu groups={offered} />
            </GraphiQL.Logo>
            <GraphiQL.Footer>
              <Reintrospect token={token} />
              <WhenReady onReady={becomeReady} />
            </GraphiQL.Footer>
          </GraphiQL>
        </div>
      ) : (
        session && <Welcome error={session.error} onToken={acceptToken} onSkip={() => setWithoutToken(true)} />
      )}
    </>
  );
}

function asTab({ query, variables }) {
  return { query, variables: variables ? JSON.stringify(variables, null, 2) : null };
}
