// A process that holds a lease, sends while it is fresh, and stops itself in the middle of each request:
// `holder-program.ts <provider url> <lease in ms> <where>...`, each `where` a point of a request's way.
import { writeSync } from 'node:fs';
import { route } from '../../../src/integrations/digitalocean/route.js';
import { createTransport } from '../../../src/integrations/digitalocean/transport.js';

const [url = '', leaseMs = '', ...places] = process.argv.slice(2);
const LEASE_NS = BigInt(leaseMs) * 1_000_000n;
const NEVER = new AbortController().signal;
const connect = () => createTransport({ purpose: 'provisioning', baseUrl: url, token: 'any', retry: { attempts: 1 } });
let transport = connect();

/** The one that started this process continues it. */
function stop(): void {
  writeSync(1, 'stopping\n');
  process.kill(process.pid, 'SIGSTOP');
}

/** Says in its body when the lease was confirmed, by the clock that all processes of this machine share. */
async function send(place: string): Promise<void> {
  let confirmed = 0n;
  let checks = 0;
  const ending = new AbortController();
  // A rejected request leaves its connection to the next one, which would not have to make its own.
  transport = connect();
  await transport.done({
    method: 'POST',
    route: route`/v2/droplets`,
    body: { toJSON: () => ({ confirmed: String(confirmed) }) },
    signal: ending.signal,
    beforeTry: async () => {
      confirmed = process.hrtime.bigint();
      if (place === 'after the lease is confirmed') stop();
    },
    beforeSend: () => {
      checks += 1;
      const isFresh = process.hrtime.bigint() - confirmed <= LEASE_NS;
      if (checks === 1 && place === 'after the first check') stop();
      // Once the connection is requested, and before the event loop can see that it stands.
      if (checks === 1 && place === 'while a connection is made') process.nextTick(stop);
      if (isFresh) return;
      const error = new Error('lease lost');
      ending.abort(error); // as a saga's lease does
      throw error;
    },
  });
}

/** Requests of others, on the same connections. */
const others = setInterval(() => {
  transport.done({ method: 'GET', route: route`/v2/account`, signal: NEVER }).catch(() => undefined);
}, 10);

for (const place of places) {
  const outcome = await send(place).then(
    () => 'sent',
    (error: Error) => error.message,
  );
  writeSync(1, `${outcome}\n`);
}
clearInterval(others);
