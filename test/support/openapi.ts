import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

const DOCUMENT = '../shared/digitalocean/openapi.json';
/** DigitalOcean's own document lies beside some checkouts only; tests on it skip elsewhere and say so. */
export const hasOpenApi = existsSync(DOCUMENT);

type Node = Record<string, any>;

export interface OpenApi {
  readonly document: Node;
  /** The document's own path for a path: `/v2/droplets/{droplet_id}`; null: it knows none. */
  template(method: string, path: string): string | null;
  /** What is wrong with a request; empty: nothing. */
  validateRequest(method: string, path: string, query: Record<string, string>, body: unknown): string[];
  /** What is wrong with an answer; empty: nothing. */
  validateResponse(method: string, path: string, status: number, body: unknown): string[];
}

export function readOpenApi(): OpenApi {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as Node;
  // The tag pattern escapes a colon, which the u flag forbids; strict mode knows no OpenAPI keywords.
  const ajv = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  for (const format of ['uint32', 'cidr', 'int64', 'int32', 'float', 'double']) ajv.addFormat(format, true);
  ajv.addSchema(document, 'document');
  const compiled = new Map<string, ValidateFunction>();

  const resolve = (pointer: string): { pointer: string; node: Node } => {
    const node = pointer
      .split('/')
      .reduce<Node>((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
    const reference = node?.['$ref'] as string | undefined;
    return reference ? resolve(reference.slice(2)) : { pointer, node };
  };
  const check = (pointer: string, value: unknown): string[] => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `document#/${encodeURI(pointer)}` });
    compiled.set(pointer, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
  const templates = Object.keys(document['paths']).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
    variables: path.split('{').length,
  }));
  const template = (method: string, path: string): string | null => {
    const found = templates
      .filter(({ path: each, pattern }) => pattern.test(path) && document['paths'][each][method.toLowerCase()])
      .sort((a, b) => a.variables - b.variables)[0];
    return found?.path ?? null;
  };
  const operation = (method: string, path: string): { pointer: string; node: Node } | null => {
    const found = template(method, path);
    return found === null
      ? null
      : resolve(`paths/${found.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}`);
  };

  return {
    document,
    template,
    validateRequest(method, path, query, body) {
      const found = operation(method, path);
      if (!found) return [`there is no ${method} ${path}`];
      const parameters = (found.node['parameters'] ?? []).map((_: unknown, n: number) =>
        resolve(`${found.pointer}/parameters/${n}`),
      );
      const problems = Object.entries(query).flatMap(([name, value]) => {
        const parameter = parameters.find(
          ({ node }: { node: Node }) => node['in'] === 'query' && node['name'] === name,
        );
        if (!parameter) return [`there is no query parameter ${name}`];
        const isNumber = /integer|number/.test(String(resolve(`${parameter.pointer}/schema`).node['type']));
        return check(`${parameter.pointer}/schema`, isNumber ? Number(value) : value).map(
          (problem) => `${name}: ${problem}`,
        );
      });
      if (body === undefined) return problems;
      if (!found.node['requestBody']) return [...problems, 'there is no body'];
      const { pointer } = resolve(`${found.pointer}/requestBody`);
      return [...problems, ...check(`${pointer}/content/application~1json/schema`, body)];
    },
    validateResponse(method, path, status, body) {
      const found = operation(method, path);
      if (!found) return [`there is no ${method} ${path}`];
      const key = found.node['responses'][status] ? String(status) : 'default';
      if (!found.node['responses'][key]) return [`${method} ${path} never answers ${status}`];
      const { pointer, node } = resolve(`${found.pointer}/responses/${key}`);
      if (!node['content']?.['application/json']) return body === undefined ? [] : [`${status} has no JSON body`];
      // Its 204s name a content type and have no body.
      if (status === 204) return body === undefined ? [] : ['204 has no body'];
      return check(`${pointer}/content/application~1json/schema`, body);
    },
  };
}
