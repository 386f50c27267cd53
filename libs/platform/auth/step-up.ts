import { DomainError } from '#kernel';
import type { Principal } from '#platform/context';

/** Default of routes that platform.md 4.1 does not name, in seconds. */
export const STEP_UP_MAX_AGE = 300;
const SKEW_SECONDS = 30;
const FUTURE_SECONDS = 60;

export type StepUpReason = 'acr' | 'auth_time_missing' | 'stale';

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
  if (reason) throw new StepUpRequiredError(maxAge, reason);
}

function stepUpReason(
  { acr, authTime }: { acr: string | null; authTime: number | null },
  maxAge: number,
  now: number,
): StepUpReason | null {
  if (acr !== 'high') return 'acr';
  if (authTime === null || authTime > now + FUTURE_SECONDS) return 'auth_time_missing';
  return now - authTime > maxAge + SKEW_SECONDS ? 'stale' : null;
}

class StepUpRequiredError extends DomainError {
  constructor(maxAge: number, reason: StepUpReason) {
    super(401, 'step_up_required', {
      detail: 'This action needs strong, recent authentication.',
      members: { step_up: { acr_values: 'high', max_age: maxAge, reason } },
      headers: {
        'Cache-Control': 'no-store',
        'WWW-Authenticate':
          `Bearer realm="alphaswarm-core", error="insufficient_user_authentication", ` +
          `error_description="A different authentication level is required", acr_values="high", max_age="${maxAge}"`,
      },
    });
  }
}
