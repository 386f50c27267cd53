import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/internal';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';

/** One HTTP route as it is declared. */
export interface Route {
  readonly method: string;
  /** Template with `:name` parameters. */
  readonly path: string;
  readonly controller: new (...args: never[]) => object;
  readonly property: string;
  readonly handler: (...args: never[]) => unknown;
}

/** Every route of every controller of an application, in the order of declaration. Reads metadata only. */
export function declaredRoutes(modules: ModulesContainer): Route[] {
  const controllers = new Set(
    [...modules.values()].flatMap((module) =>
      [...module.controllers.values()].map(({ metatype }) => metatype as Type | null),
    ),
  );
  return [...controllers].flatMap((controller) => (controller ? routesOf(controller) : []));
}

function routesOf(controller: Route['controller']): Route[] {
  const prototype = controller.prototype as Record<string, Route['handler']>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((property) => {
    const handler = prototype[property];
    const method = handler && (Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined);
    if (!handler || method === undefined) return [];
    return paths(controller).flatMap((base) =>
      paths(handler).map((path) => ({
        method: RequestMethod[method],
        path: joined(base, path),
        controller,
        property,
        handler,
      })),
    );
  });
}

function paths(target: object): string[] {
  const declared = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return Array.isArray(declared) ? declared : [declared ?? ''];
}

function joined(...parts: string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
