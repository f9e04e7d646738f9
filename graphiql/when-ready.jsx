import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';

/** Calls back once every editor is there: before, GraphiQL loses what is typed, and the content of a tab that is opened. */
export function WhenReady({ onReady }) {
  const isReady = useGraphiQL(({ queryEditor, variableEditor, headerEditor, responseEditor }) =>
    [queryEditor, variableEditor, headerEditor, responseEditor].every(Boolean),
  );
  useEffect(() => {
    if (isReady) onReady();
  }, [isReady, onReady]);
  return null;
}
