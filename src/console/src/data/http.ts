/** A refusal of the hub: RFC 9457 problem details, or the absence of an answer. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, body: Readonly<Record<string, unknown>> = {}) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

const RequestTimeoutMs = 10_000;

type Method = 'GET' | 'POST' | 'DELETE';

/** Calls the hub. Every failure is a `Problem`; status 0 means that no answer came. */
export async function request<T>(method: Method, path: string, body?: unknown): Promise<T> {
  // A foreign page cannot set a header of its own, so its presence proves that this page asked.
  const headers: Record<string, string> = method === 'GET' ? {} : { 'X-CareHub': '1' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(RequestTimeoutMs),
    });
  } catch {
    throw new Problem(0, 'unreachable');
  }
  const text = await response.text().catch(() => '');
  const json = parse(text);
  if (!response.ok) {
    const problem = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
    throw new Problem(response.status, typeof problem.code === 'string' ? problem.code : 'unknown', problem);
  }
  return json as T;
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
