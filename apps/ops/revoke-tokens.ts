import { RevocationsRepository, subjectKey, tenantKey, tokenKey } from '#platform/auth';
import { AppPool } from '#platform/database';
import type { Installation } from './installation.ts';

const KINDS = ['token', 'subject', 'tenant'] as const;

export interface Revocation {
  /** `token`, `subject` or `tenant`. */
  readonly kind: string;
  /** The token's `jti` or `uti`, the subject (an `oid` for Entra), or the directory tenant. */
  readonly id: string;
  /** `iss` of the tokens; needed for a token or subject. */
  readonly issuer?: string;
  readonly reason?: string;
}

/** Ends tokens issued until now, on the record (platform.md 3.7). Throws Error with a sentence for bad input. */
export async function revokeTokens(installation: Installation, revocation: Revocation): Promise<void> {
  const { reason = null } = revocation;
  if (reason !== null && reason.length > 500) throw new Error('--reason has at most 500 characters.');
  const revoked = keyOf(revocation);
  const intent = { action: 'auth.revoke', targetKind: null, targetId: null, payload: { ...revoked, reason } };
  await installation.audited(intent, (services) =>
    new RevocationsRepository(services.get(AppPool)).revoke(revoked, reason),
  );
}

function keyOf({ kind, id, issuer }: Revocation): ReturnType<typeof tenantKey> {
  if (kind === 'tenant') return tenantKey(id);
  if (kind !== 'token' && kind !== 'subject') throw new Error(`What is revoked is one of ${KINDS.join(', ')}.`);
  if (issuer === undefined) throw new Error(`A ${kind} is revoked with the --issuer of its tokens.`);
  return kind === 'token' ? tokenKey(issuer, id) : subjectKey(issuer, id);
}
