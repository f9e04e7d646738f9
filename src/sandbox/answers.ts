export interface Answer {
  readonly status: number;
  /** JSON; left out: no body. */
  readonly body?: unknown;
  /** In place of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error in DigitalOcean's form; thrown by endpoints, answered by the server. */
export class ApiError extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly status: number,
    readonly id: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const accepted = (body: unknown): Answer => ({ status: 202, body });
export const noContent: Answer = { status: 204 };

export const notFound = (): ApiError =>
  new ApiError(404, 'not_found', 'The resource you were accessing could not be found.');
export const unprocessable = (message: string): ApiError => new ApiError(422, 'unprocessable_entity', message);
export const badRequest = (message: string): ApiError => new ApiError(400, 'bad_request', message);
export const pendingEvent = (): ApiError => unprocessable('Droplet already has a pending event.');
