import { useEffect, useState } from 'react';

/** Who you are to the server, and the token that says so. */
export function TokenBar({ token, session, onToken }) {
  const [draft, setDraft] = useState(token);
  useEffect(() => setDraft(token), [token]);
  const changed = draft !== token;

  return (
    <header className="bar">
      <span className="brand">
        <img src="/graphiql/favicon.svg" alt="" width="22" height="22" />
        arcadia-cloud
      </span>
      <Identity token={token} session={session} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onToken(draft);
        }}
      >
        <label htmlFor="token">Token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder="paste a JWT"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit" disabled={!changed}>
          Use
        </button>
        <button type="button" className="quiet" disabled={token === '' && draft === ''} onClick={() => onToken('')}>
          Clear
        </button>
      </form>
    </header>
  );
}

function Identity({ token, session }) {
  if (!session) return <output className="identity pending">checking the token …</output>;
  if (session.error) return <output className="identity refused">{session.error}</output>;
  if (!session.viewer) return <output className="identity">{token === '' ? 'no token' : ''}</output>;
  const { subject, tenantId, isOperator } = session.viewer;
  return (
    <output className="identity accepted">
      <b>{subject}</b> of {tenantId} <span className="role">{isOperator ? 'operator' : 'tenant'}</span>
    </output>
  );
}
