import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { Authenticator } from './authenticator.ts';
import { refuseCredentialInQuery } from './credential.ts';
import { doorOf } from './door.ts';
import { type Arrival, type ClosedDoor, type GuardedRequest, httpRequest, reads } from './guarded-request.ts';
import { RequestRates } from './request-rates.ts';

/** Who comes: credential, token, revocation (401), and what the principal has left to spend (429). */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly rates: RequestRates,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = httpRequest(execution);
    if (!request) return true;
    refuseCredentialInQuery(request.originalUrl);
    const door = doorOf(execution.getHandler(), execution.getClass());
    if (!door) throw new Error(`${execution.getClass().name}.${execution.getHandler().name} declares no door.`);
    request.arrival =
      door.kind === 'public' ? null : await this.#identify(request, execution.switchToHttp().getResponse(), door);
    return true;
  }

  async #identify(request: GuardedRequest, response: Response, door: ClosedDoor): Promise<Arrival> {
    const write = !reads(request);
    const stepUp = door.kind === 'requires' && door.stepUp?.byBody === false;
    const caller = {
      url: request.originalUrl,
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      requestId: request.requestId,
      ip: request.ip ?? null,
    };
    const identified = await this.authenticator.identify(caller, write || stepUp);
    const rates = this.rates.open(response, identified.token.facts);
    rates.chargePrincipal({ write, stepUp });
    return { door, identified, rates };
  }
}
