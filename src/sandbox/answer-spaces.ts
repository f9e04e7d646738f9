import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxBucket } from './account.js';
import { faultAnswer, takeFault } from './faults.js';
import type { Running } from './running.js';
import { render, send } from './wire.js';

const MAX_KEYS = 1_000;
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

interface S3Answer {
  readonly status: number;
  readonly xml: string;
}

/**
 * The S3 API of object storage as far as we use it: `GET /spaces/<region>/` lists buckets, `GET /spaces/<region>/<bucket>` the
 * objects. Takes any key whose request is signed with version 4; what the signature is made of is not checked.
 */
export async function answerSpaces(
  running: Running,
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
): Promise<void> {
  const method = req.method ?? 'GET';
  const fault = takeFault(running.faults, method, url, running.random);
  if (fault && fault.delayMs > 0) await sleep(fault.delayMs, undefined, { ref: false });
  const isSigned = /^AWS4-HMAC-SHA256 Credential=[^/]+\//.test(req.headers.authorization ?? '');
  const instead = fault && faultAnswer(fault);
  const answer = instead
    ? failure(instead.status, 'InternalError')
    : isSigned
      ? respond(running.state.account.spaces, method, url)
      : failure(403, 'AccessDenied');
  const seen = { method, path: url.pathname, query: url.search, status: answer.status };
  running.requests.push({ ...seen, time: new Date(running.now()).toISOString() });
  if (running.requests.length > 1_000) running.requests.shift();
  running.log(seen);
  if (fault?.dropAfterActing) return void req.socket.destroy();
  const headers = { 'content-type': 'application/xml', 'x-amz-request-id': `tx${running.requests.length}` };
  send(res, render({ status: answer.status, text: answer.xml, headers }));
}

function respond(spaces: Readonly<Record<string, SandboxBucket>>, method: string, url: URL): S3Answer {
  const [, , region = '', name = '', ...rest] = url.pathname.split('/');
  if (method !== 'GET' || rest.some((part) => part !== '')) return failure(501, 'NotImplemented');
  if (name === '') return listBuckets(spaces, region);
  const bucket = Object.hasOwn(spaces, name) ? spaces[name] : undefined;
  if (!bucket || bucket.region !== region) return failure(404, 'NoSuchBucket');
  return url.searchParams.get('list-type') === '2' ? listObjects(name, bucket, url) : failure(501, 'NotImplemented');
}

function listBuckets(spaces: Readonly<Record<string, SandboxBucket>>, region: string): S3Answer {
  const buckets = Object.entries(spaces)
    .filter(([, bucket]) => bucket.region === region)
    .map(([name, { created_at }]) => `<Bucket>${tag('Name', name)}${tag('CreationDate', created_at)}</Bucket>`);
  return {
    status: 200,
    xml: xml(
      `<ListAllMyBucketsResult ${NAMESPACE}><Owner>${tag('ID', '258992')}</Owner><Buckets>${buckets.join('')}</Buckets></ListAllMyBucketsResult>`,
    ),
  };
}

const keyOf = (index: number): string => `object-${String(index).padStart(9, '0')}`;

function listObjects(
  name: string,
  { object_count, bytes, created_at }: SandboxBucket,
  { searchParams }: URL,
): S3Answer {
  const asked = Number(searchParams.get('max-keys') ?? MAX_KEYS);
  const max = Number.isInteger(asked) && asked > 0 ? Math.min(asked, MAX_KEYS) : MAX_KEYS;
  const after = searchParams.get('continuation-token') ?? searchParams.get('start-after') ?? '';
  const from = /^object-\d{9}$/.test(after) ? Number(after.slice(7)) + 1 : 0;
  const until = Math.min(from + max, object_count);
  const each = Math.floor(bytes / Math.max(1, object_count));
  const contents: string[] = [];
  for (let index = from; index < until; index++) {
    // The last has what the division leaves.
    const size = index === object_count - 1 ? bytes - each * (object_count - 1) : each;
    contents.push(
      `<Contents>${tag('Key', keyOf(index))}${tag('LastModified', created_at)}${tag('Size', String(size))}${tag('StorageClass', 'STANDARD')}</Contents>`,
    );
  }
  const isTruncated = until < object_count;
  const next = isTruncated ? tag('NextContinuationToken', keyOf(until - 1)) : '';
  const counts = `${tag('KeyCount', String(contents.length))}${tag('MaxKeys', String(max))}${tag('IsTruncated', String(isTruncated))}`;
  return {
    status: 200,
    xml: xml(
      `<ListBucketResult ${NAMESPACE}>${tag('Name', name)}${tag('Prefix', '')}${counts}${next}${contents.join('')}</ListBucketResult>`,
    ),
  };
}

function failure(status: number, code: string): S3Answer {
  return {
    status,
    xml: xml(`<Error>${tag('Code', code)}${tag('Message', code)}${tag('RequestId', 'sandbox')}</Error>`),
  };
}

function tag(name: string, text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${escaped}</${name}>`;
}

function xml(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${body}`;
}
