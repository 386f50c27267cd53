import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { pathToRegexp } from 'path-to-regexp';
import { type Route, declaredRoutes } from './declared-routes.ts';

interface CompiledRoute {
  route: Route;
  pattern: RegExp;
  literals: number;
}

/** Finds the route of a request before Nest does: for the body reader, the 405 answer, and the walk over all doors. */
@Injectable()
export class RouteTable implements OnApplicationBootstrap {
  readonly #modules: ModulesContainer;
  #routes: readonly CompiledRoute[] = [];

  constructor(modules: ModulesContainer) {
    this.#modules = modules;
  }

  onApplicationBootstrap(): void {
    this.#routes = declaredRoutes(this.#modules).map((route) => ({
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
}
