import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ValidationError } from '#kernel';
import { type Admitted, Demands } from './demands.ts';
import { type Arrival, type GuardedRequest, type PermissionDoor, arrivalOf, httpRequest } from './guarded-request.ts';
import { StepUp } from './step-up.ts';

/** How strongly and lately whoever may act has authenticated (401, platform.md 4); the last guard that reads a door. */
@Injectable()
export class StepUpGuard implements CanActivate {
  constructor(
    private readonly stepUp: StepUp,
    private readonly demands: Demands,
  ) {}

  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    const request = httpRequest(execution);
    const arrival = request && arrivalOf(request);
    if (!arrival || arrival.door.kind !== 'requires') return true;
    const { door, rates } = arrival;
    if (door.stepUp === null && door.demands === null) return isNamed(request, door);
    return this.#ask(request, door, rates);
  }

  async #ask(request: GuardedRequest, door: PermissionDoor, rates: Arrival['rates']): Promise<boolean> {
    const { context, access, resource } = request;
    if (!context || !access) throw new Error('AccessGuard comes before StepUpGuard.');
    if (door.stepUp && !door.stepUp.byBody)
      await this.stepUp.demand(context, door.permission, door.stepUp.maxAge, resource);
    const { demands } = door;
    if (demands) {
      const admitted: Admitted = { door, context, access, rates, resource };
      request.demand = (body) => this.demands.ask(admitted, demands(body));
    }
    return isNamed(request, door);
  }
}

/** 422 where the path names no row by a UUID: validation comes after permission and step-up (platform.md 8.0). */
function isNamed(request: GuardedRequest, door: PermissionDoor): true {
  if (door.resource && !request.resource)
    throw new ValidationError([{ pointer: `path:${door.param}`, code: 'format', message: 'must be a UUID' }]);
  return true;
}
