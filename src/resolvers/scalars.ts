import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTime, GraphQLJSONObject, GraphQLSafeInt } from 'graphql-scalars';

/** `extensions` that the contract knows for a value that does not parse; where it stands is added by the error mapping. */
function rejectValue(message: string): never {
  throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function stringScalar(
  name: string,
  description: string,
  takes: string,
  accepts: (text: string) => boolean,
): GraphQLScalarType<string, string> {
  const parse = (value: unknown): string =>
    typeof value === 'string' && accepts(value) ? value : rejectValue(`${name} takes ${takes}`);
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: String,
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
  });
}

function isCalendarDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const instant = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
}

export const DateScalar = stringScalar(
  'Date',
  'A calendar day, YYYY-MM-DD. Where it names a billing period, any day of the month names that month.',
  'a calendar day, YYYY-MM-DD',
  isCalendarDay,
);

/** Whether the value of a variable is a Decimal. */
export function isDecimalInput(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 42 && /^-?\d+(\.\d+)?$/.test(value);
}

export const DecimalScalar = stringScalar(
  'Decimal',
  'An exact decimal number as a string, never a float: "0.0125".',
  'a decimal number as a string, at most 40 digits',
  isDecimalInput,
);

export const CursorScalar = stringScalar(
  'Cursor',
  'Opaque position in a list or stream; only ever compare for equality or hand it back.',
  'a cursor that this API gave',
  (text) => text.length > 0 && text.length <= 1_000,
);

/** The same as graphql-scalars', with the contract's words. */
function described<T extends GraphQLScalarType>(scalar: T, name: string, description: string): GraphQLScalarType {
  return new GraphQLScalarType({ ...scalar.toConfig(), name, description, specifiedByURL: null });
}

const DATE_TIME = GraphQLDateTime.toConfig();

/** Dates are shown as graphql-scalars shows them; texts are what the database printed in that very form. */
export const DateTimeScalar = new GraphQLScalarType({
  ...DATE_TIME,
  name: 'DateTime',
  description: 'An instant, ISO 8601 in UTC with a trailing Z.',
  specifiedByURL: null,
  serialize: (value) => (typeof value === 'string' ? value : DATE_TIME.serialize(value)),
});
export const SafeIntScalar = described(GraphQLSafeInt, 'SafeInt', 'An integer up to 2^53 - 1.');
export const JsonObjectScalar = described(GraphQLJSONObject, 'JSONObject', 'Any JSON object.');
