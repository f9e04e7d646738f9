import { createSecretKey, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import ky from 'ky';
import { z } from 'zod';
import type { FinancePayload } from '../../core/costs/finance-payload.js';
import type { ReceivablePayload } from '../../core/invoices/receivable-payload.js';
import { errorText, redacted, withoutCredentials } from '../../core/text/redact.js';
import { storable } from '../../core/text/storable-text.js';
import { limitedText, TooLargeError } from '../limited-text.js';

const ENDPOINT = '/api/v1/integrations/cloud/import-invoice';
const TOKEN_SECONDS = 5 * 60;
/** A receipt is a few dozen. */
const MAX_ANSWER_BYTES = 1_000_000;
/** Whom a push's token is for: replayed here, or at any other service that checks `aud`, it is rejected. */
const AUDIENCE = 'skyai-finance';
const ISSUER = 'arcadia-cloud';

export interface FinanceReceipt {
  readonly action: 'created' | 'updated';
  /** Finance's own id of the invoice. */
  readonly id: string;
}

/** Finance did not take the invoice. The ingest stands, and the push is tried again. */
export class FinanceError extends Error {
  override readonly name = 'FinanceError';
  constructor(
    message: string,
    /** Null where no answer came. */
    readonly status: number | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface FinanceIdentity {
  readonly tenantId: string;
  readonly roles: readonly string[];
}

/** What finance has always known us as. */
const DEFAULT_IDENTITY: FinanceIdentity = { tenantId: 'platform-admin', roles: ['admin'] };

export interface FinanceOptions {
  readonly baseUrl: string;
  /** Shared with finance, which verifies with it. */
  readonly secret: string;
  /** Whom finance takes us for. */
  readonly identity?: FinanceIdentity;
  readonly algorithm?: 'HS256' | 'HS384' | 'HS512';
  readonly clock?: () => Date;
  readonly timeoutMs?: number;
}

export interface FinanceClient {
  /** Throws FinanceError. Safe to repeat: finance knows an invoice by its external id. */
  importInvoice(
    invoice: FinancePayload | ReceivablePayload,
    options?: { readonly signal?: AbortSignal },
  ): Promise<FinanceReceipt>;
}

const Receipt = z.object({
  action: z.enum(['created', 'updated']),
  id: z.union([z.string().min(1).max(200), z.int()]).transform(String),
});

export function createFinance(options: FinanceOptions): FinanceClient {
  const url = `${withoutCredentials(options.baseUrl).replace(/\/+$/, '')}${ENDPOINT}`;
  const key = createSecretKey(Buffer.from(options.secret));
  const { identity = DEFAULT_IDENTITY, algorithm = 'HS512', clock = () => new Date(), timeoutMs = 15_000 } = options;

  function token(): string {
    const issuedAt = Math.floor(clock().getTime() / 1_000);
    const claims = {
      tenant_id: identity.tenantId,
      roles: identity.roles,
      iat: issuedAt,
      exp: issuedAt + TOKEN_SECONDS,
    };
    const names = { audience: AUDIENCE, issuer: ISSUER, subject: 'arcadia-cloud' };
    return jwt.sign(claims, key, { algorithm, ...names, jwtid: randomUUID() });
  }

  /** The status and text of whatever finance answers. */
  async function post(body: string, signal: AbortSignal | undefined) {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await ky.post(url, {
        body,
        headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
        redirect: 'manual',
        retry: 0,
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        throwHttpErrors: false,
        timeout: false,
      });
      return { ok: response.ok, status: response.status, text: await limitedText(response, MAX_ANSWER_BYTES) };
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof TooLargeError)
        throw new FinanceError(`finance's answer cannot be read: ${cause.message}`, null);
      const why = deadline.aborted ? `nothing within ${timeoutMs / 1_000} s` : reasonOf(cause);
      throw new FinanceError(`finance did not answer: ${why}`, null, { cause });
    }
  }

  return {
    async importInvoice(invoice, { signal } = {}) {
      const { ok, status, text } = await post(JSON.stringify(invoice), signal);
      if (!ok) throw new FinanceError(`finance rejected the invoice: ${status}${messageIn(text)}`, status);
      const receipt = Receipt.safeParse(parseJson(text));
      if (receipt.success) return receipt.data;
      const field = receipt.error.issues[0]?.path.join('.') || 'body';
      throw new FinanceError(`finance's answer cannot be read: ${field}`, status);
    },
  };
}

const ErrorBody = z.object({ message: z.string().optional(), error: z.string().optional() });

/** What finance says of a refusal, where it says it in JSON. */
function messageIn(text: string): string {
  const said = ErrorBody.safeParse(parseJson(text)).data;
  const words = said?.message ?? said?.error;
  return words ? ` ${redacted(words, 300)}` : '';
}

function parseJson(text: string): unknown {
  try {
    return storable(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** fetch says "fetch failed" and keeps the reason in `cause`. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : errorText(error);
}
