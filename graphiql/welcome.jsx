import { useState } from 'react';

/** The first thing that somebody without a token sees. */
export function Welcome({ error, onToken, onSkip }) {
  const [draft, setDraft] = useState('');
  return (
    <main className="welcome">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (draft.trim() !== '') onToken(draft);
        }}
      >
        <h1>Who are you?</h1>
        <p>
          Every request to arcadia-cloud carries a token. <code>npm start</code> prints a link that brings one along;{' '}
          <code>npm run token -- --tenant acme --roles member</code> makes others.
        </p>
        {error && (
          <p className="refused" role="alert">
            {error}
          </p>
        )}
        <textarea
          aria-label="Token"
          rows={4}
          spellCheck={false}
          placeholder="eyJhbGciOi…"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <p className="actions">
          <button type="submit" disabled={draft.trim() === ''}>
            Use this token
          </button>
          <button type="button" className="quiet" onClick={onSkip}>
            Go on without; I use the Headers tab
          </button>
        </p>
        <p className="small">It is kept in this browser and sent to this server alone.</p>
      </form>
    </main>
  );
}
