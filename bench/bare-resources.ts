// The floor of bench/resources-query.ts: node:http and pg, nothing else. Answers what the API answers.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
const COLUMNS = `resource.id, resource.kind, resource.name, resource.status, resource.region, resource.tags,
  resource.first_seen_at as "firstSeenAt"`;
const PAGE = `where resource.kind = 'droplet' and resource.deleted_at is null order by resource.first_seen_at, resource.id limit 50`;
const QUERIES: Readonly<Record<string, { name: string; text: string }>> = {
  '/flat': { name: 'flat', text: `select ${COLUMNS} from cloud_resources resource ${PAGE}` },
  '/project': {
    name: 'project',
    text: `select ${COLUMNS}, project.id as "projectId", project.name as "projectName" from cloud_resources resource
      left join cloud_projects project on project.id = resource.cloud_project_id ${PAGE}`,
  },
};

const server = createServer((req, res) => {
  req.resume();
  req.on('end', async () => {
    const { rows } = await pool.query(QUERIES[req.url ?? ''] ?? { text: 'select' });
    const nodes = rows.map(({ projectId, projectName, kind, ...row }) => ({
      id: row.id,
      kind: kind.toUpperCase(),
      name: row.name,
      status: row.status,
      region: row.region,
      tags: row.tags,
      firstSeenAt: row.firstSeenAt,
      ...(req.url === '/project' ? { project: projectId && { id: projectId, name: projectName } } : {}),
    }));
    const body = JSON.stringify({ data: { resources: { nodes } } });
    res.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    });
    res.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
