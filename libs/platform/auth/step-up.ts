import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '#kernel';
import type { ClaimsChallenge, Principal, RequestContext, TokenFacts } from '#platform/context';
import { inSpan } from '#platform/spans';
import { AccessMetrics } from './access-metrics.ts';
import { type RefusedRequest, Refusals } from './refusals.ts';

/** Default of routes that platform.md 4.1 does not name, in seconds. */
export const STEP_UP_MAX_AGE = 300;
const SKEW_SECONDS = 30;
const FUTURE_SECONDS = 60;

export type StepUpReason = 'acr' | 'auth_time_missing' | 'stale';

/** Step-up at a door, or behind it where a service finds out that it is needed. */
@Injectable()
export class StepUp {
  constructor(
    private readonly clock: Clock,
    private readonly metrics: AccessMetrics,
    private readonly refusals: Refusals,
  ) {}

  /**
   * As `requireStepUp`, counted, and recorded when it refuses. `action` is the permission that is used, `maxAge` in
   * seconds, `resource` what it is used on.
   */
  async demand(
    ctx: RequestContext,
    action: string,
    maxAge: number,
    resource?: RefusedRequest['resource'],
  ): Promise<void> {
    const check = async (): Promise<void> => {
      try {
        requireStepUp(ctx.principal, maxAge, this.clock.now());
        this.metrics.steppedUp(action, 'satisfied');
      } catch (error) {
        const challenged = error instanceof StepUpRequiredError;
        this.metrics.steppedUp(action, challenged ? 'challenged' : 'impossible');
        throw error;
      }
    };
    await this.refusals.watch(ctx, () => inSpan('stepup.check', check), resource);
  }
}

/**
 * Asks for strong, recent authentication (RFC 9470, platform.md 4.2, 4.4, 4.5). `maxAge` in seconds, `now` in
 * milliseconds. Throws 401 `step_up_required` with the challenge, or 403 `step_up_not_possible` for machines, which
 * cannot authenticate again.
 */
export function requireStepUp(principal: Principal, maxAge: number, now: number): void {
  if (principal.kind !== 'user' || !principal.token) {
    throw new DomainError(403, 'step_up_not_possible', {
      detail: 'This action needs a person who has just authenticated.',
    });
  }
  const reason = stepUpReason(principal.token, maxAge, Math.floor(now / 1000));
  if (reason) throw new StepUpRequiredError(maxAge, reason, principal.token.claimsChallenge);
}

function stepUpReason({ acr, authTime }: TokenFacts, maxAge: number, now: number): StepUpReason | null {
  if (acr !== 'high') return 'acr';
  if (authTime === null || authTime > now + FUTURE_SECONDS) return 'auth_time_missing';
  return now - authTime > maxAge + SKEW_SECONDS ? 'stale' : null;
}

class StepUpRequiredError extends DomainError {
  constructor(maxAge: number, reason: StepUpReason, own: ClaimsChallenge | null) {
    const challenge =
      `Bearer realm="alphaswarm-core", error="insufficient_user_authentication", ` +
      `error_description="A different authentication level is required", acr_values="high", max_age="${maxAge}"`;
    super(401, 'step_up_required', {
      detail: 'This action needs strong, recent authentication.',
      members: { step_up: { acr_values: 'high', max_age: maxAge, reason, ...(own && { claims: own.claims }) } },
      headers: {
        'Cache-Control': 'no-store',
        'WWW-Authenticate': own ? [challenge, claimsChallengeHeader(own)] : challenge,
      },
    });
  }
}

/** Entra's claims challenge, in its own form (platform.md 4.3). */
function claimsChallengeHeader({ authorizationUri, claims }: ClaimsChallenge): string {
  return (
    `Bearer realm="", authorization_uri="${authorizationUri}", error="insufficient_claims", ` +
    `claims="${Buffer.from(claims).toString('base64')}"`
  );
}
