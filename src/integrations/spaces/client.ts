import { ListBucketsCommand, ListObjectsV2Command, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { ProviderError } from '../../errors.js';

/** Access to the buckets of one region. */
export interface SpacesRegion {
  /** As "syd1". */
  readonly region: string;
  readonly key: string;
  readonly secret: string;
}

export interface SpacesOptions {
  readonly regions: readonly SpacesRegion[];
  /** With `{region}` in place of the region's name. */
  readonly endpoint: string;
  readonly timeoutMs?: number;
}

export interface ObjectPage {
  readonly objects: number;
  readonly bytes: bigint;
  /** Where the next page begins; null: this was the last. */
  readonly lastKey: string | null;
}

/** Object storage by its S3 API, one region a client. Methods throw ProviderError. */
export interface SpacesClient {
  readonly region: string;
  /** Names of the buckets. */
  buckets(signal: AbortSignal): Promise<string[]>;
  /** Up to 1,000 objects of a bucket, by key. */
  objects(bucket: string, afterKey: string | null, signal: AbortSignal): Promise<ObjectPage>;
}

export const SPACES_ENDPOINT = 'https://{region}.digitaloceanspaces.com';

export function createSpaces({ regions, endpoint, timeoutMs = 30_000 }: SpacesOptions): SpacesClient[] {
  return regions.map(({ region, key, secret }) => {
    const s3 = new S3Client({
      region,
      endpoint: endpoint.replace('{region}', region),
      forcePathStyle: true,
      credentials: { accessKeyId: key, secretAccessKey: secret },
      maxAttempts: 4,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
      // Checksums of Amazon's own that other S3 servers do not know.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    return {
      region,
      async buckets(signal) {
        const { Buckets = [] } = await asked(`ListBuckets ${region}`, signal, (abortSignal) =>
          s3.send(new ListBucketsCommand({}), { abortSignal }),
        );
        return Buckets.flatMap(({ Name }) => (Name === undefined ? [] : [Name]));
      },
      async objects(bucket, afterKey, signal) {
        const page = await asked(`ListObjectsV2 ${region}/${bucket}`, signal, (abortSignal) =>
          s3.send(
            new ListObjectsV2Command({ Bucket: bucket, ...(afterKey === null ? {} : { StartAfter: afterKey }) }),
            {
              abortSignal,
            },
          ),
        );
        const listed = page.Contents ?? [];
        const last = listed.at(-1)?.Key ?? null;
        return {
          objects: listed.length,
          bytes: listed.reduce((sum, { Size = 0 }) => sum + BigInt(Size), 0n),
          lastKey: page.IsTruncated ? last : null,
        };
      },
    };
  });
}

/** Neither key nor secret nor signature is in what is thrown: of the SDK's error its code and status alone are kept. */
async function asked<T>(endpoint: string, signal: AbortSignal, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await send(signal);
  } catch (error) {
    signal.throwIfAborted();
    const isAnswer = error instanceof S3ServiceException;
    const status = isAnswer ? (error.$metadata.httpStatusCode ?? null) : null;
    const said = isAnswer ? `${status ?? ''} ${error.name}`.trim() : codeOf(error);
    throw new ProviderError(`Spaces did not answer ${endpoint}: ${said}`, {
      endpoint,
      status,
      providerErrorId: isAnswer ? error.name : null,
      providerMessage: null,
      requestId: isAnswer ? (error.$metadata.requestId ?? null) : null,
      retryable: status === null || status >= 500 || status === 429,
    });
  }
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name ?? 'unknown error');
}
