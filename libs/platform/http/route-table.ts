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
  #routes: readonly CompiledRoute[] = [];
  /** Methods of each path without parameters. */
  #fixed: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  constructor(private readonly modules: ModulesContainer) {}

  onApplicationBootstrap(): void {
    this.#routes = declaredRoutes(this.modules)
      .map((route) => ({
        route,
        pattern: pathToRegexp(route.path).regexp,
        literals: route.path.split('/').filter((part) => !part.startsWith(':')).length,
      }))
      .sort((a, b) => b.literals - a.literals);
    const fixed = this.routes.filter(({ path }) => !path.includes(':'));
    this.#fixed = new Map(fixed.map(({ path }) => [path.toLowerCase(), new Set(this.allowed(path))]));
  }

  get routes(): readonly Route[] {
    return this.#routes.map(({ route }) => route);
  }

  match(method: string, path: string): Route | undefined {
    return this.#routes.find(({ route, pattern }) => route.method === method && pattern.test(path))?.route;
  }

  /**
   * True where a path without parameters has no such method, though a route with one might take the name for an id: PUT
   * /strategies/browse.
   */
  refuses(method: string, path: string): boolean {
    const methods = this.#fixed.get(path.toLowerCase().replace(/(?<=.)\/$/, ''));
    return methods !== undefined && !methods.has(method);
  }

  /** Methods that the most particular routes of this path know; empty for an unknown path. */
  allowed(path: string): string[] {
    const routes = this.#routes.filter(({ pattern }) => pattern.test(path));
    const methods = new Set(
      routes.filter(({ literals }) => literals === routes[0]?.literals).map(({ route }) => route.method),
    );
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].sort();
  }
}
