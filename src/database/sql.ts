/**
 * A piece of SQL with its parameters. Pieces nest: `sql\`select … where ${condition}\``. Every other interpolated value
 * becomes a numbered parameter, so that no value is ever part of a statement's text.
 */
export class Sql {
  constructor(
    private readonly parts: readonly string[],
    private readonly values: readonly unknown[],
  ) {}

  /** The text with `$1`, `$2`, … and the values in that order. */
  compile(): { readonly text: string; readonly values: unknown[] } {
    const values: unknown[] = [];
    return { text: this.appendTo('', values, new Map()), values };
  }

  private appendTo(before: string, values: unknown[], numbers: Map<SharedValue, number>): string {
    let text = before + this.parts[0];
    for (const [index, value] of this.values.entries()) {
      if (value instanceof Sql) text = value.appendTo(text, values, numbers);
      else if (value instanceof SharedValue) {
        const number = numbers.get(value) ?? values.push(value.value);
        numbers.set(value, number);
        text += `$${number}`;
      } else text += `$${values.push(value)}`;
      text += this.parts[index + 1];
    }
    return text;
  }
}

/** A value that a statement contains in several places and sends once. */
export class SharedValue {
  constructor(readonly value: unknown) {}
}

/** `const day = shared(today)`: every `${day}` of a statement is the same parameter. Cast it to one type everywhere. */
export function shared(value: unknown): SharedValue {
  if (value === undefined) throw new TypeError("A shared SQL value is undefined; use null for SQL's null");
  return new SharedValue(value);
}

/** Builds a piece of SQL. Start a statement with its name in a comment: `/* list-resources *\/ select …`. */
export function sql(parts: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  const missing = values.indexOf(undefined);
  if (missing >= 0) throw new TypeError(`SQL value ${missing + 1} is undefined; use null for SQL's null`);
  return new Sql(parts, values);
}

/** SQL text from our own constants. Never pass text from outside. */
export function rawSql(text: string): Sql {
  return new Sql([text], []);
}

/** The pieces one after the other, with `separator` in between. */
export function joinSql(pieces: readonly Sql[], separator: string): Sql {
  if (pieces.length === 0) return rawSql('');
  return new Sql(['', ...Array.from({ length: pieces.length - 1 }, () => separator), ''], pieces);
}

/** All conditions hold; without any it is `true`. */
export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? rawSql('true') : joinSql(conditions, ' and ');
}
