import { type Expression, type ModuleItem, parseSync } from '@swc/core';

export interface Use {
  /** `src/errors.ts`, `src/errors.ts: error` or `schema.graphql: Query.plans`. */
  readonly where: string;
  /** In lower case, words apart: `maxEntries` is `max entries`. */
  readonly text: string;
}

export interface RejectedUse extends Use {
  readonly phrase: string;
}

/** The phrases of the last column of the glossary, in lower case. Throws if the document has no such table. */
export function rejectedPhrases(markdown: string): string[] {
  const [, below] = markdown.split('| say | means | not |');
  if (below === undefined) throw new Error('the document has no table with the heading | say | means | not |');
  const rows = below.split('\n').slice(2);
  const end = rows.findIndex((row) => !row.startsWith('|'));
  const cells = rows.slice(0, end < 0 ? rows.length : end).map((row) => row.split('|')[3]?.trim() ?? '');
  return cells.flatMap((cell) => (cell === '' ? [] : cell.split(', '))).map((phrase) => phrase.toLowerCase());
}

/** The uses that have one of the phrases as whole words. */
export function rejectedUses(uses: readonly Use[], phrases: readonly string[]): RejectedUse[] {
  return uses.flatMap((use) =>
    phrases.filter((phrase) => new RegExp(`\\b${phrase}\\b`).test(use.text)).map((phrase) => ({ ...use, phrase })),
  );
}

/** The exported names and error messages of one module. */
export function usesInModule(file: string, source: string): Use[] {
  const { body } = parseSync(source, { syntax: 'typescript', decorators: true });
  return [...exportedNames(file, body), ...errorTexts(file, body)];
}

function exportedNames(file: string, items: readonly ModuleItem[]): Use[] {
  return items.flatMap((item) => {
    if (item.type !== 'ExportDeclaration') return [];
    const { declaration } = item;
    const identifiers =
      declaration.type === 'VariableDeclaration'
        ? declaration.declarations.map(({ id }) => id)
        : 'identifier' in declaration
          ? [declaration.identifier]
          : 'id' in declaration
            ? [declaration.id]
            : [];
    return identifiers.flatMap((id) => (id.type === 'Identifier' ? [{ where: file, text: wordsOf(id.value) }] : []));
  });
}

/** `MAX_ENTRIES` and `maxEntries` are `max entries`. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/_/g, ' ')
    .toLowerCase();
}

/** The texts of `new SomethingError(…)` and `SomethingError.at(…)`. */
function errorTexts(file: string, node: unknown): Use[] {
  if (Array.isArray(node)) return node.flatMap((each) => errorTexts(file, each));
  if (node === null || typeof node !== 'object') return [];
  const own = isErrorCall(node as Expression) ? textsIn((node as { arguments?: unknown }).arguments) : [];
  const uses = own.map((text) => ({ where: `${file}: error`, text: text.toLowerCase() }));
  return [...uses, ...Object.values(node).flatMap((child) => errorTexts(file, child))];
}

function isErrorCall(node: Expression): boolean {
  if (node.type === 'NewExpression') return node.callee.type === 'Identifier' && node.callee.value.endsWith('Error');
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false;
  return node.callee.object.type === 'Identifier' && node.callee.object.value.endsWith('Error');
}

function textsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsIn);
  if (node === null || typeof node !== 'object') return [];
  const { type, value, raw } = node as { type?: string; value?: unknown; raw?: unknown };
  if (type === 'StringLiteral' && typeof value === 'string') return [value];
  if (type === 'TemplateElement' && typeof raw === 'string') return [raw];
  return Object.values(node).flatMap(textsIn);
}
