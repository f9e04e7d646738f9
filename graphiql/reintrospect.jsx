import { useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';

/** Reads the schema anew when the token changes: another viewer may be let in where the first was not. */
export function Reintrospect({ token }) {
  const { introspect } = useGraphiQLActions();
  const known = useRef(token);
  useEffect(() => {
    if (known.current === token) return;
    known.current = token;
    void introspect();
  }, [token, introspect]);
  return null;
}
