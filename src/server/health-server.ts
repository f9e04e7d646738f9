import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReadiness, type ReadinessChecks, withoutReasons } from './health.js';
import type { Metrics } from './metrics.js';
import { answerReadiness, json } from './router.js';

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface HealthOptions extends ReadinessChecks {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
}

/** Health, readiness and metrics of a process that serves no API. */
export async function startHealthServer({ host, port, metrics, ...checks }: HealthOptions): Promise<HealthServer> {
  const readReadiness = createReadiness(checks);
  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    switch ((req.url ?? '/').split('?', 1)[0]) {
      case '/api/health':
        return json(res, 200, { status: 'ok', service: 'arcadia-cloud' });
      case '/api/ready':
        return answerReadiness(res, withoutReasons(await readReadiness()));
      case '/metrics': {
        const text = await metrics.registry.metrics();
        res.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text);
        return;
      }
      default:
        return json(res, 404, { errors: [{ message: 'Nothing is served at this path.' }] });
    }
  }
  const server = createServer((req, res) => {
    answer(req, res).catch(() => json(res, 500, { errors: [{ message: 'Something went wrong on our side.' }] }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
