import { Lexer, Source, type Token, TokenKind } from 'graphql';
import { QueryTooComplexError } from '../errors.js';

/** GraphiQL's introspection has 163 tokens in 2 kB, the largest of its examples 300. */
export const MAX_DOCUMENT_BYTES = 50_000;
export const MAX_TOKENS = 2_000;
/** Brackets of any kind inside each other; parsing, validation and execution recurse this deep. */
export const MAX_NESTING = 100;
/** Validation compares every two fields that share a response name. */
export const MAX_NAME_PAIRS = 25_000;

/** Validation ends after so many errors: describing each takes longer than finding it. */
export const VALIDATION_OPTIONS = { maxErrors: 10 };

/**
 * Rejects a document that would take long to parse or to validate, by its tokens alone: time and memory grow with the
 * limits above and not with the document. Throws QueryTooComplexError. A syntax error is left to the parser.
 */
export function checkDocumentText(text: string): void {
  if (text.length > MAX_DOCUMENT_BYTES || Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
    throw new QueryTooComplexError(`The document is larger than ${MAX_DOCUMENT_BYTES} bytes.`);
  }
  const lexer = new Lexer(new Source(text));
  const uses = new Map<string, number>();
  let [tokens, nesting, parentheses, pairs] = [0, 0, 0, 0];
  let before: Token = lexer.token;
  for (let token = nextToken(lexer); token !== null; token = nextToken(lexer)) {
    tokens += 1;
    if (tokens > MAX_TOKENS) throw new QueryTooComplexError(`The document has more than ${MAX_TOKENS} tokens.`);
    nesting += nestingOf(token);
    if (nesting > MAX_NESTING)
      throw new QueryTooComplexError(`The document nests deeper than ${MAX_NESTING} brackets.`);
    if (token.kind === TokenKind.PAREN_L) parentheses += 1;
    if (token.kind === TokenKind.PAREN_R) parentheses -= 1;
    if (token.kind === TokenKind.NAME && parentheses === 0 && nesting > 0 && mayBeResponseName(before)) {
      const count = uses.get(token.value) ?? 0;
      uses.set(token.value, count + 1);
      pairs += 2 * count + 1;
      if (pairs > MAX_NAME_PAIRS) throw new QueryTooComplexError(`The document selects ${token.value} too often.`);
    }
    before = token;
  }
}

/** Null at the end, and where the text is no GraphQL. */
function nextToken(lexer: Lexer): Token | null {
  try {
    const token = lexer.advance();
    return token.kind === TokenKind.EOF ? null : token;
  } catch {
    return null;
  }
}

function nestingOf({ kind }: Token): number {
  if (kind === TokenKind.BRACE_L || kind === TokenKind.BRACKET_L || kind === TokenKind.PAREN_L) return 1;
  if (kind === TokenKind.BRACE_R || kind === TokenKind.BRACKET_R || kind === TokenKind.PAREN_R) return -1;
  return 0;
}

/** Not the field behind an alias, a fragment's name or a directive's. */
function mayBeResponseName(before: Token): boolean {
  return before.kind !== TokenKind.COLON && before.kind !== TokenKind.SPREAD && before.kind !== TokenKind.AT;
}
