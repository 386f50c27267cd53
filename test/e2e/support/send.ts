import { requireDocumented } from './documented-answers.ts';
import { requireExposed } from './exposed-headers.ts';

/** What goes with a request. */
export interface Sent {
  token?: string;
  headers?: Record<string, string>;
}

export interface ApiResponse {
  status: number;
  headers: Headers;
  /** Parsed where the answer is JSON, else the text. */
  body: any;
  text: string;
}

/**
 * A string or bytes are sent as they are, anything else as JSON. Fails on an answer that the operation does not
 * document, and on a header that CORS hides.
 */
export async function send(
  base: string,
  method: string,
  path: string,
  body: unknown,
  { token, headers = {} }: Sent = {},
): Promise<ApiResponse> {
  const payload = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(base + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: payload }),
  });
  const text = await response.text();
  requireDocumented(method, path, response.status, response.headers);
  requireExposed(path, response.headers);
  return { status: response.status, headers: response.headers, text, body: parsed(response, text) };
}

function parsed(response: Response, text: string): unknown {
  return /json/.test(response.headers.get('content-type') ?? '') &&
    !/ndjson/.test(response.headers.get('content-type') ?? '')
    ? JSON.parse(text)
    : text;
}
