import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError, newId } from '#kernel';
import type { RoutedRequest } from '../exchange.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

/** For the answer to arrive. */
const LINGER_MS = 2_000;

/** Answers what Node cannot parse, and so no middleware sees, with a problem document too. */
export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const refusal = refusalOfParser(error.code);
    const body = JSON.stringify(problemOf(refusal, newId()));
    socket.end(
      [
        `HTTP/1.1 ${refusal.status} ${refusal.code}`,
        `Content-Type: ${PROBLEM_TYPE}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Cache-Control: no-store',
        'X-Content-Type-Options: nosniff',
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
    // The peer may never close its side.
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}

/**
 * Node would ask for a body at once; here the one who reads it asks, when caller and announced length are known.
 * Unasked, Node closes the connection.
 */
export function inviteBodiesLate(server: Server): void {
  server.on('checkContinue', (request: RoutedRequest, response: ServerResponse) => {
    request.invite = () => {
      request.invite = undefined;
      response.writeContinue();
    };
    server.emit('request', request, response);
  });
}

/** Node's own answer to an `Expect` that is not 100-continue has no body. */
export function answerOddExpectations(server: Server): void {
  server.on('checkExpectation', (_request: unknown, response: ServerResponse) => {
    const refusal = new DomainError(417, 'expectation_failed', {
      detail: 'The only expectation that is met is 100-continue.',
    });
    response.writeHead(refusal.status, {
      'Content-Type': PROBLEM_TYPE,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      Connection: 'close',
    });
    response.end(JSON.stringify(problemOf(refusal, newId())));
  });
}

function refusalOfParser(code: string | undefined): DomainError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new DomainError(431, 'request_header_fields_too_large', {
      detail: 'Request line and headers have at most 16 KiB.',
    });
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return new DomainError(413, 'payload_too_large', { detail: 'The chunk extensions are too large.' });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new DomainError(503, 'timeout', { detail: 'The request did not arrive in time.' });
  return new DomainError(400, 'malformed_request', { detail: 'This is not an HTTP/1.1 request.' });
}
