/** Where a request goes: the path itself, and the same with its variable parts blanked, for metrics. */
export interface Route {
  readonly path: string;
  readonly template: string;
}

/** A path built safely: route`/v2/droplets/${id}/actions`. Each value becomes exactly one segment. */
export function route(texts: TemplateStringsArray, ...values: readonly string[]): Route {
  let path = texts[0] ?? '';
  values.forEach((value, index) => {
    path += segment(value) + (texts[index + 1] ?? '');
  });
  return { path, template: texts.join(':id') };
}

export function toRoute(path: string | Route): Route {
  return typeof path === 'string' ? { path, template: path } : path;
}

/** An empty or dotted segment would address another resource: `DELETE /v2/droplets/` is not one droplet. */
function segment(value: string): string {
  if (value === '' || value === '.' || value === '..') throw new RangeError(`"${value}" is no path segment`);
  return encodeURIComponent(value);
}
