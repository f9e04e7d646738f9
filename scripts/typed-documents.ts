import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { parseSync } from '@swc/core';
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode, parse } from 'graphql';

/** What JSON holds for each scalar of ours. */
const SCALARS = {
  Cursor: 'string',
  Date: 'string',
  DateTime: 'string',
  Decimal: 'string',
  JSONObject: 'Record<string, unknown>',
  SafeInt: 'number',
};

const HEADER = `// Made by npm run typed-documents from every gql('…') below this folder. Do not edit.
`;

/**
 * The module that gives each `gql('…')` of a folder the types of its data and variables, keyed by its text. Throws with
 * the file's name where a text is no literal or not valid.
 */
export async function typedDocuments(schema: GraphQLSchema, folder: string): Promise<string> {
  const sources = new Map<string, { readonly name: string; readonly document: DocumentNode }>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
  for (const file of files.sort()) {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    if (!text.includes('gql(')) continue;
    for (const source of literalsIn(
      parseSync(text, { syntax: 'typescript', decorators: true, tsx: file.endsWith('x') }),
    )) {
      if (source === null) throw new Error(`${folder}/${file}: gql() takes one literal text, without \${}`);
      sources.set(source, nameOperation(source, `${folder}/${file}`));
    }
  }
  const named = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  const types = await codegen({
    schema: undefined as never,
    schemaAst: schema,
    filename: 'graphql.generated.ts',
    documents: named.map(([, { name, document }]) => ({ location: name, document })),
    config: {
      scalars: SCALARS,
      skipTypename: true,
      enumsAsTypes: true,
      useTypeImports: true,
      onlyOperationTypes: true,
    },
    pluginMap: { operations },
    plugins: [{ operations: {} }],
  });
  const entries = named.map(
    ([source, { name }]) => `  ${JSON.stringify(source)}: { data: ${name}; variables: ${name}Variables };`,
  );
  return `${HEADER}${types}\n/** By the text of the operation. */\nexport interface Documents {\n${entries.join('\n')}\n}\n`;
}

/** A name that follows from the text, whatever the operation calls itself, so that two texts never share types. */
function nameOperation(source: string, file: string): { name: string; document: DocumentNode } {
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 12);
  let document: DocumentNode;
  try {
    document = parse(source, { noLocation: true });
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}: ${source}`, { cause });
  }
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error(`${file}: no operation in: ${source}`);
  const value = `Op${hash}`;
  const kind = operation.operation.replace(/^./, (letter) => letter.toUpperCase());
  const renamed: OperationDefinitionNode = { ...operation, name: { kind: Kind.NAME, value } };
  const definitions = document.definitions.map((each) => (each === operation ? renamed : each));
  return { name: `${value}${kind}`, document: { ...document, definitions } };
}

/** The texts that `graphql(…)` is called with; null for one that is not a literal. */
function literalsIn(node: unknown): (string | null)[] {
  if (Array.isArray(node)) return node.flatMap(literalsIn);
  if (node === null || typeof node !== 'object') return [];
  const call = node as {
    type?: string;
    callee?: { type: string; value?: string };
    arguments?: { expression: { type: string; value?: string; quasis?: { cooked?: string }[] } }[];
  };
  const below = Object.values(node).flatMap(literalsIn);
  if (call.type !== 'CallExpression' || call.callee?.type !== 'Identifier' || call.callee.value !== 'gql') return below;
  const given = call.arguments?.[0]?.expression;
  if (given?.type === 'StringLiteral') return [given.value ?? null, ...below];
  if (given?.type === 'TemplateLiteral' && given.quasis?.length === 1)
    return [given.quasis[0]?.cooked ?? null, ...below];
  return [null, ...below];
}
