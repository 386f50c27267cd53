import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ValidationError } from '#kernel';
import type { Door } from './door.ts';
import { type GuardedRequest, arrivalOf, httpRequest } from './guarded-request.ts';
import { StepUp } from './step-up.ts';

/** How strongly and lately whoever may act has authenticated (401, platform.md 4); the last guard that reads a door. */
@Injectable()
export class StepUpGuard implements CanActivate {
  constructor(private readonly stepUp: StepUp) {}

  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    const request = httpRequest(execution);
    if (!request) return true;
    const door = arrivalOf(request)?.door;
    if (door?.kind !== 'requires') return true;
    const { stepUpMaxAge } = door;
    return stepUpMaxAge === null ? named(request, door) : this.#demand(request, door, stepUpMaxAge);
  }

  async #demand(request: GuardedRequest, door: Required, maxAge: number): Promise<true> {
    const { context, resource } = request;
    if (!context) throw new Error('AccessGuard comes before StepUpGuard.');
    await this.stepUp.demand(context, door.permission, maxAge, resource);
    return named(request, door);
  }
}

type Required = Extract<Door, { kind: 'requires' }>;

/** 422 where the path names no row by a UUID: validation comes after permission and step-up (platform.md 8.0). */
function named(request: GuardedRequest, door: Required): true {
  if (door.resource && !request.resource)
    throw new ValidationError([{ pointer: `path:${door.param}`, code: 'format', message: 'must be a UUID' }]);
  return true;
}
