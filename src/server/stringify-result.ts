import type { FormattedExecutionResult } from 'graphql';
import { QueryTooComplexError } from '../errors.js';
import { isSmall, LENGTH_PER_TURN } from './answer-length.js';

/** Text of one answer over HTTP, in UTF-16 units. */
export const MAX_ANSWER_LENGTH = 16_000_000;

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
  let [length, turnEndsAt] = [0, LENGTH_PER_TURN];
  for (const piece of piecesOf(result)) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_ANSWER_LENGTH) {
      const message = `The answer is longer than ${MAX_ANSWER_LENGTH} characters; ask for less at once.`;
      return JSON.stringify(tooLarge(new QueryTooComplexError(message)));
    }
    if (length >= turnEndsAt) {
      turnEndsAt = length + LENGTH_PER_TURN;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return pieces.join('');
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
