import { Injectable } from '@nestjs/common';
import type { RequestContext } from '#platform/context';
import { Authorization } from './authorization.ts';
import type { Access } from './decide.ts';
import type { BodyDemands } from './door.ts';
import type { GuardedRequest, PermissionDoor } from './guarded-request.ts';
import { Refusals } from './refusals.ts';
import type { OpenRates } from './request-rates.ts';
import { StepUp } from './step-up.ts';

/** Who asks for what at which door, once the guards have let him in. */
export interface Admitted {
  readonly door: PermissionDoor;
  readonly context: RequestContext;
  readonly access: Access;
  readonly rates: OpenRates;
  readonly resource: GuardedRequest['resource'];
}

/** What a body makes necessary beyond the door: further permissions (404, 403), then step-up (401). */
@Injectable()
export class Demands {
  constructor(
    private readonly authorization: Authorization,
    private readonly stepUp: StepUp,
    private readonly refusals: Refusals,
  ) {}

  async ask(
    { door, context, access, rates, resource }: Admitted,
    { permissions = [], stepUp }: BodyDemands,
  ): Promise<void> {
    await this.refusals.watch(
      context,
      async () => {
        for (const { permission, scopeId } of permissions) {
          const held = scopeId === undefined ? access : await this.authorization.accessInside(context, scopeId);
          this.authorization.demand(context, permission, held);
        }
      },
      resource,
    );
    if (!stepUp) return;
    if (!door.stepUp)
      throw new Error(`A body asks for a step-up that the door of ${door.permission} does not declare.`);
    rates.chargeStepUp();
    await this.stepUp.demand(context, permissions.at(-1)?.permission ?? door.permission, door.stepUp.maxAge, resource);
  }
}
