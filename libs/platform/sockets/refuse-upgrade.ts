import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { newId } from '#kernel';
import { PROBLEM_TYPE, problemOf, refusalOf } from '#platform/http';

/** For the answer to arrive. */
const LINGER_MS = 2_000;

/** Answers a request for a socket with a problem document and closes the connection. */
export function refuseUpgrade(socket: Duplex, thrown: unknown): void {
  const refusal = refusalOf(thrown);
  const requestId = newId();
  const body = JSON.stringify(problemOf(refusal, requestId));
  const headers = {
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': requestId,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...refusal.options.headers,
    Connection: 'close',
  };
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}`),
  );
  socket.end([`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`, ...lines, '', body].join('\r\n'));
  // A peer that never closes its side would keep the connection for ever: no server looks after it any more.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
