import type { Server } from 'node:http';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { EnvironmentConfig, HttpConfig } from '#platform/config';
import { answerBrokenRequests, answerOddExpectations, inviteBodiesLate } from './errors/broken-requests.ts';
import { OriginPolicy } from './headers/origins.ts';
import { DOCS_POLICY, corsOptions, responseHeaders } from './headers/response-headers.ts';
import { HttpMiddleware } from './http.middleware.ts';
import { compressAnswers } from './negotiation/compressed-answers.ts';
import { openApiDocument } from './openapi/openapi-document.ts';
import { SocketDoor } from './socket-door.ts';

/**
 * The Nest application with our HTTP conventions, not yet listening. Errors of the boot are thrown, never printed and
 * swallowed.
 */
export async function createApiApplication(
  module: Type | DynamicModule,
  options: { logger?: LoggerService | false } = {},
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: false,
    abortOnError: false,
    bufferLogs: true,
    routeResolutionStrategy: 'specificity',
    routeConflictPolicy: { duplicate: 'error' },
    ...(options.logger === undefined ? {} : { logger: options.logger }),
  });
  configureHttp(app);
  return app;
}

/** Middleware in the order of ARCHITECTURE 5; guards, pipe and filter are global providers of apps/api. */
export function configureHttp(app: NestExpressApplication): void {
  const middleware = app.get(HttpMiddleware);
  const config = app.get(HttpConfig);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(middleware.identify);
  app.use(responseHeaders);
  app.use(compressAnswers);
  app.enableCors(corsOptions(app.get(OriginPolicy)));
  app.use(middleware.admit);
  serveDocumentation(app);
  const { adapter } = app.get(SocketDoor);
  if (adapter) app.useWebSocketAdapter(adapter);
  const server = app.getHttpServer() as Server;
  // Our own limit answers first; Node's is the net under it for callers that never finish their request.
  server.requestTimeout = config.requestTimeoutMs + 5_000;
  server.headersTimeout = Math.min(config.requestTimeoutMs, 30_000);
  server.keepAliveTimeout = 65_000;
  answerBrokenRequests(server);
  inviteBodiesLate(server);
  answerOddExpectations(server);
}

function serveDocumentation(app: NestExpressApplication): void {
  app.use('/docs', (_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Security-Policy', DOCS_POLICY);
    next();
  });
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    ui: app.get(EnvironmentConfig).name !== 'prod',
    swaggerOptions: { persistAuthorization: true },
    customSiteTitle: 'alphaswarm-core',
  });
}
