/** What went wrong with a call, as it is answered: an HTTP status, and Cloudflare's number and text for it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  /** What the answer has beside its body, such as when to come back. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: number,
    message: string,
    options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

/** A body, a query or an id breaks its schema. The token comes first, then what is wrong. */
export function invalidInput(what?: string): ApiError {
  const token = "workflows.api.error.body";
  return new ApiError(400, 10_002, what === undefined ? token : `${token}: ${what}`);
}

export function workflowNotFound(): ApiError {
  return new ApiError(404, 10_200, "workflow.not_found");
}

export function versionNotFound(): ApiError {
  return new ApiError(404, 10_300, "version.not_found");
}

export function instanceNotFound(): ApiError {
  return new ApiError(404, 10_400, "instance.not_found");
}

/** Ours: at Cloudflare nothing is said of this. */
export function stepNotFound(): ApiError {
  return new ApiError(404, 10_404, "step.not_found");
}

/** Ours, as are bulk actions. */
export function bulkNotFound(): ApiError {
  return new ApiError(404, 10_410, "bulk.not_found");
}

/** Ours, as are webhooks. */
export function webhookNotFound(): ApiError {
  return new ApiError(404, 10_420, "webhook.not_found");
}

/** An account or a path that leads nowhere. */
export function noRoute(path: string): ApiError {
  return new ApiError(
    404,
    7003,
    `Could not route to ${path}, perhaps your object identifier is invalid?`,
  );
}

export function noMethod(method: string): ApiError {
  return new ApiError(405, 7001, `Method ${method} not available for that URI.`);
}

/** @param status 401 for who is not known, 403 for who may not. */
export function refused(status: 401 | 403, reason: string): ApiError {
  return new ApiError(status, 10_000, `Authentication error: ${reason}`);
}

/** Too many calls, or too many that nobody could be identified by. Cloudflare's clients heed `Retry-After`. */
export function tooMany(what: string, headers: Readonly<Record<string, string>>): ApiError {
  return new ApiError(429, 10_429, `rate limited: ${what}`, { headers });
}
