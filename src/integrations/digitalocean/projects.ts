import { z } from 'zod';
import type { Page, Pages } from './paging.js';
import { route } from './route.js';
import { Id, optional } from './schema-parts.js';
import type { CallOptions, Transport } from './transport.js';

export const Project = z.object({
  id: Id,
  name: z.string(),
  description: optional(z.string()),
  /** One of nine stock phrases, else stored as `Other: <text>`. */
  purpose: optional(z.string()),
  /** `Development`, `Staging`, `Production`, in any case. */
  environment: optional(z.string()),
  is_default: optional(z.boolean()),
  created_at: z.string(),
  updated_at: optional(z.string()),
});
export type Project = z.infer<typeof Project>;

/** A member of a project, by URN: `do:droplet:1`. */
export const ProjectResource = z.object({
  urn: z.string(),
  assigned_at: optional(z.string()),
  /** Of a Space, the only place that shows its region. */
  links: optional(z.object({ self: optional(z.string()) })),
  /** `ok`, `not_found`, `assigned`, `already_assigned`, `service_down`. */
  status: optional(z.string()),
});
export type ProjectResource = z.infer<typeof ProjectResource>;

export interface ProjectSpec {
  readonly name: string;
  readonly purpose: string;
  readonly description?: string;
  readonly environment?: 'Development' | 'Staging' | 'Production';
}

export function createProjects(transport: Transport, pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<Project>> {
      return pages('/v2/projects', 'projects', Project, {}, options);
    },

    resources(projectId: string, options?: CallOptions): AsyncIterable<Page<ProjectResource>> {
      return pages(route`/v2/projects/${projectId}/resources`, 'resources', ProjectResource, {}, options);
    },

    /** Never sent twice: after a lost answer look for it by name, which is unique. */
    async create(spec: ProjectSpec, { signal }: CallOptions = {}): Promise<Project> {
      const call = { method: 'POST', route: route`/v2/projects`, body: spec, signal } as const;
      return (await transport.json(call, z.object({ project: Project }))).project;
    },

    /** Moves the resources into the project; each answers with its own status. */
    async assign(projectId: string, urns: readonly string[], { signal }: CallOptions = {}): Promise<ProjectResource[]> {
      const where = route`/v2/projects/${projectId}/resources`;
      const call = { method: 'POST', route: where, body: { resources: urns }, idempotent: true, signal } as const;
      return (await transport.json(call, z.object({ resources: z.array(ProjectResource) }))).resources;
    },
  };
}
