import { Injectable, type OnApplicationBootstrap, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/internal';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { pathToRegexp } from 'path-to-regexp';

/** One HTTP route as it is declared. */
export interface Route {
  readonly method: string;
  /** Template with `:name` parameters. */
  readonly path: string;
  readonly controller: new (...args: never[]) => object;
  readonly property: string;
  readonly handler: (...args: never[]) => unknown;
}

interface CompiledRoute {
  route: Route;
  pattern: RegExp;
  literals: number;
}

/** Every route of the application: what the body reader, the 405 answer and the walk over all doors look at. */
@Injectable()
export class RouteTable implements OnApplicationBootstrap {
  readonly #discovery: DiscoveryService;
  readonly #scanner: MetadataScanner;
  #routes: readonly CompiledRoute[] = [];

  constructor(discovery: DiscoveryService, scanner: MetadataScanner) {
    this.#discovery = discovery;
    this.#scanner = scanner;
  }

  onApplicationBootstrap(): void {
    this.#routes = this.#walk().map((route) => ({
      route,
      pattern: pathToRegexp(route.path).regexp,
      literals: route.path.split('/').filter((part) => !part.startsWith(':')).length,
    })).sort((a, b) => b.literals - a.literals);
  }

  get routes(): readonly Route[] {
    return this.#routes.map(({ route }) => route);
  }

  match(method: string, path: string): Route | undefined {
    return this.#routes.find(({ route, pattern }) => route.method === method && pattern.test(path))?.route;
  }

  /** Methods that some route knows for this path; empty for an unknown path. */
  allowed(path: string): string[] {
    const methods = new Set(this.#routes.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route.method));
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].sort();
  }

  #walk(): Route[] {
    return this.#discovery.getControllers().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const controller = metatype as Route['controller'];
      const prototype = controller.prototype as Record<string, Route['handler']>;
      return this.#scanner.getAllMethodNames(prototype).flatMap((property) => {
        const handler = prototype[property];
        const method = handler && (Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined);
        if (!handler || method === undefined) return [];
        return paths(controller).flatMap((base) => paths(handler).map((path) => ({
          method: RequestMethod[method], path: joined(base, path), controller, property, handler,
        })));
      });
    });
  }
}

function paths(target: object): string[] {
  const declared = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return Array.isArray(declared) ? declared : [declared ?? ''];
}

function joined(...parts: string[]): string {
  return `/${parts.flatMap((part) => part.split('/')).filter(Boolean).join('/')}`;
}
