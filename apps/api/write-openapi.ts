import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { DatabaseServer } from '#platform/database';
import { openApiDocument } from '#platform/http';
import { AppModule } from './app.module.ts';

/** Writes openapi.json from the declarations alone: in preview mode nothing is constructed and nothing is connected. */
const module = AppModule.forRoot({
  env: { ALPHASWARM_ENV: 'dev', ALPHASWARM_AUTH_PROVIDER: 'local' },
  server: {} as DatabaseServer,
});
const app = await NestFactory.create(module, { preview: true, logger: ['error'], abortOnError: false });
writeFileSync('openapi.json', `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
