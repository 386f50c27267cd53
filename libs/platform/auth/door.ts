import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Permission } from './permissions.ts';
import type { ResourceKind } from './resource.ts';
import { STEP_UP_MAX_AGE } from './step-up.ts';

export interface RequiresOptions {
  /** Strong, recent authentication; `true` means at most 300 s ago. */
  stepUp?: boolean | { maxAge: number };
  /** What the path id names: it must be visible (404), and the role that counts is the one on its scope. */
  resource?: ResourceKind;
  /** Path parameter with the id; default `id`. */
  param?: string;
  /**
   * The rows remember in `created_by` who started them: he reads his without the permission, and some permissions reach
   * no others (platform.md 5.3).
   */
  own?: boolean;
  /**
   * Where without a resource, or on one that lies in no scope, the role counts: the active workspace, project or lab
   * (default), or the organization.
   */
  at?: 'active' | 'org';
}

/** How a route is entered. Every route declares exactly one. */
export type Door =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated'; readonly tenantGate: boolean }
  | {
      readonly kind: 'requires';
      readonly permission: Permission;
      /** Seconds, null without step-up. */
      readonly stepUpMaxAge: number | null;
      readonly resource: ResourceKind | null;
      readonly param: string;
      readonly own: boolean;
      readonly at: 'active' | 'org';
    };

export const DOOR = Symbol('door');

/** The caller needs this permission. */
export function Requires(permission: Permission, options: RequiresOptions = {}): MethodDecorator & ClassDecorator {
  const { stepUp = false, resource = null, param = 'id', own = false, at = 'active' } = options;
  const stepUpMaxAge = stepUp === false ? null : stepUp === true ? STEP_UP_MAX_AGE : stepUp.maxAge;
  const door: Door = { kind: 'requires', permission, stepUpMaxAge, resource, param, own, at };
  return applyDecorators(
    SetMetadata(DOOR, door),
    ApiBearerAuth(),
    ApiExtension('x-permission', permission),
    ...(stepUpMaxAge === null ? [] : [ApiExtension('x-step-up', { acr: 'high', max_age: stepUpMaxAge })]),
  );
}

/** Anybody may enter. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(DOOR, { kind: 'public' } satisfies Door);
}

/** A valid token is enough. `tenantGate: false` also lets in who belongs to no organization (`/auth/*`). */
export function AuthenticatedOnly(options: { tenantGate?: boolean } = {}): MethodDecorator & ClassDecorator {
  const door: Door = { kind: 'authenticated', tenantGate: options.tenantGate ?? true };
  return applyDecorators(SetMetadata(DOOR, door), ApiBearerAuth());
}

/** The door of a handler: its own, else that of its class. Undefined where none is declared. */
export function doorOf(handler: object, owner: object): Door | undefined {
  return (Reflect.getMetadata(DOOR, handler) ?? Reflect.getMetadata(DOOR, owner)) as Door | undefined;
}
