import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Permission } from './permissions.ts';
import type { ResourceKind } from './resource.ts';
import { STEP_UP_MAX_AGE } from './step-up.ts';

/** What one body makes necessary. */
export interface BodyDemands {
  /** Further permissions, each on a scope of the active organization; without one on what the door has judged. */
  readonly permissions?: readonly { readonly permission: Permission; readonly scopeId?: string }[];
  /** Whether the door's `byBody` step-up is asked. */
  readonly stepUp?: boolean;
}

export interface RequiresOptions {
  /**
   * Strong, recent authentication, at most so many seconds ago; `true` means 300. With `byBody` only where `demands`
   * asks for it.
   */
  stepUp?: boolean | { maxAge: number; byBody?: boolean };
  /** What a valid body makes necessary beside the permission, asked before idempotency (platform.md 8.0). */
  demands?(body: object): BodyDemands;
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

export interface DoorStepUp {
  /** Seconds. */
  readonly maxAge: number;
  /** Asked only where `demands` says so. */
  readonly byBody: boolean;
}

/** How a route is entered. Every route declares exactly one. */
export type Door =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated'; readonly tenantGate: boolean }
  | {
      readonly kind: 'requires';
      readonly permission: Permission;
      readonly stepUp: DoorStepUp | null;
      readonly demands: ((body: object) => BodyDemands) | null;
      readonly resource: ResourceKind | null;
      readonly param: string;
      readonly own: boolean;
      readonly at: 'active' | 'org';
    };

export const DOOR = Symbol('door');

/** The caller needs this permission. */
export function Requires(permission: Permission, options: RequiresOptions = {}): MethodDecorator & ClassDecorator {
  const { resource = null, param = 'id', own = false, at = 'active', demands } = options;
  const stepUp = stepUpOf(options);
  const door: Door = { kind: 'requires', permission, stepUp, demands: demands ?? null, resource, param, own, at };
  return applyDecorators(
    SetMetadata(DOOR, door),
    ApiBearerAuth(),
    ApiExtension('x-permission', permission),
    ...(stepUp ? [ApiExtension('x-step-up', stepUpExtension(stepUp))] : []),
  );
}

function stepUpOf({ stepUp = false }: RequiresOptions): DoorStepUp | null {
  if (stepUp === false) return null;
  return stepUp === true
    ? { maxAge: STEP_UP_MAX_AGE, byBody: false }
    : { maxAge: stepUp.maxAge, byBody: stepUp.byBody ?? false };
}

function stepUpExtension({ maxAge, byBody }: DoorStepUp): object {
  return { acr: 'high', max_age: maxAge, ...(byBody && { by_body: true }) };
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
