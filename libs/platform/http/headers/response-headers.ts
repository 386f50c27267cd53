import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { OriginPolicy } from './origins.ts';
import { SENT_HEADERS } from './sent-headers.ts';

/** The only behaviour epoch of this release (platform.md 8.0). */
export const API_VERSION = '2026-01-01';

/** What scripts of other origins may read; a test compares it with what routes send. */
export const EXPOSED_HEADERS: readonly string[] = Object.keys(SENT_HEADERS);

/** Nothing of an API answer may be run or framed by a browser; pages that need more set their own policy. */
const secured = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
  },
  crossOriginResourcePolicy: { policy: 'same-site' },
  hsts: { maxAge: 63_072_000, includeSubDomains: true },
  referrerPolicy: { policy: 'no-referrer' },
});

/** Policy of /docs: its own scripts and styles, nothing from elsewhere. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src " +
  "'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const responseHeaders: RequestHandler = (request: Request, response: Response, next: NextFunction) => {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Alphaswarm-Version', API_VERSION);
  response.setHeader('Vary', 'Accept, Accept-Encoding');
  secured(request, response, next);
};

/** CORS for the listed origins, with credentials and never with `*`. */
export function corsOptions(
  origins: OriginPolicy,
): (request: Request, answer: (error: Error | null, options: CorsOptions) => void) => void {
  return (request, answer) => {
    const origin = request.get('origin');
    answer(null, {
      origin: origin !== undefined && origins.allows(origin, request.get('host')),
      credentials: true,
      exposedHeaders: [...EXPOSED_HEADERS],
      maxAge: 600,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    });
  };
}
