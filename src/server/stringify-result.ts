import type { FormattedExecutionResult } from 'graphql';
import { QueryTooComplexError } from '../errors.js';

/** Text of one answer, in UTF-16 units. */
export const MAX_ANSWER_LENGTH = 16_000_000;
/** A text as long as this takes JSON.stringify about 2 ms. */
const LENGTH_A_TURN = 250_000;
/** A value of a shorter text than this is written in one piece. */
const VALUES_A_PIECE = 500;

/**
 * An answer as JSON. Others get a turn while a large one is written, and one past MAX_ANSWER_LENGTH is given up before it
 * is whole: its answer is `tooLarge` of the error instead.
 */
export async function stringifyResult(
  result: FormattedExecutionResult,
  tooLarge: (error: QueryTooComplexError) => FormattedExecutionResult,
): Promise<string> {
  if (isSmall(result)) return JSON.stringify(result);
  const pieces: string[] = [];
  let [length, turnEndsAt] = [0, LENGTH_A_TURN];
  for (const piece of piecesOf(result)) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_ANSWER_LENGTH) {
      const message = `The answer is longer than ${MAX_ANSWER_LENGTH} characters; ask for less at once.`;
      return JSON.stringify(tooLarge(new QueryTooComplexError(message)));
    }
    if (length >= turnEndsAt) {
      turnEndsAt = length + LENGTH_A_TURN;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return pieces.join('');
}

/** Looks at a bounded part of the value. */
function isSmall(result: unknown): boolean {
  let [values, length] = [0, 0];
  const fits = (value: unknown): boolean => {
    values += 1;
    if (typeof value === 'string') length += value.length;
    if (values > VALUES_A_PIECE * 4 || length > LENGTH_A_TURN) return false;
    if (typeof value !== 'object' || value === null) return true;
    for (const key in value) if (!fits((value as Record<string, unknown>)[key])) return false;
    return true;
  };
  return fits(result);
}

function* piecesOf(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null || 'toJSON' in value || isSmall(value)) {
    yield JSON.stringify(value) ?? 'null';
  } else if (Array.isArray(value)) {
    yield '[';
    for (let index = 0; index < value.length; index++) {
      if (index > 0) yield ',';
      yield* piecesOf(value[index]);
    }
    yield ']';
  } else {
    let before = '{';
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      yield `${before}${JSON.stringify(key)}:`;
      yield* piecesOf(inner);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  }
}
