import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { HttpConfig } from '#platform/config';
import { declaredRoutes } from '../declared-routes.ts';
import { type OperationObject, completeOperation } from './complete-operation.ts';
import { PROBLEM_SCHEMA, problemResponses } from './problem-responses.ts';
import { closeRequestSchemas } from './request-schemas.ts';
import { headerComponents } from './response-headers.ts';
import type { Schema } from './schema-example.ts';
import { tagsOf } from './tags.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/**
 * The OpenAPI 3.1 document of every declared route. What follows from the conventions is added here, not on the
 * controllers.
 */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('alphaswarm-core')
    .setDescription('Gateway and runtime of AlphaSwarm, an agentic quantitative research and trading platform.')
    .setVersion('0.1.0')
    .setContact('AlphaSwarm', 'https://alpha-swarm.ai', 'support@alpha-swarm.ai')
    .setLicense('UNLICENSED', 'https://alpha-swarm.ai/license')
    .addServer(app.get(HttpConfig)?.publicUrl ?? '/')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'An access token of a configured issuer.',
    })
    .setOpenAPIVersion('3.1.0')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').replace(/^./, (first) => first.toLowerCase())}_${method}`,
  });
  const schemas = ((document.components ??= {}).schemas ??= {});
  Object.assign(schemas, { Problem: PROBLEM_SCHEMA });
  const routes = declaredRoutes(app.get(ModulesContainer));
  const tags = new Set<string>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation: OperationObject | undefined = item[method];
      if (!operation) continue;
      const route = routes.find(
        (candidate) => candidate.method === method.toUpperCase() && template(candidate.path) === path,
      );
      completeOperation({ operation, method, path, route, schemas: schemas as Record<string, Schema> });
      for (const tag of operation.tags ?? []) tags.add(tag);
    }
  }
  closeRequestSchemas(document, schemas as Record<string, Schema>);
  const paths = JSON.stringify(document.paths);
  const used = Object.entries(problemResponses()).filter(([name]) => paths.includes(`#/components/responses/${name}"`));
  document.components.responses = Object.fromEntries(used) as NonNullable<typeof document.components.responses>;
  document.components.headers = headerComponents();
  document.tags = tagsOf(tags);
  return document;
}

function template(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}
