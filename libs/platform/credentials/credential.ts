import type { SealedBlob } from '#platform/envelope';

export const CREDENTIAL_KINDS = ['broker', 'llm', 'data_vendor', 'cloud', 'generic'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** Where a credential counts, and what it is for. */
export interface CredentialPlace {
  /** Null: in the whole organization. */
  readonly workspaceId: string | null;
  /** For this person alone; null: for everybody there. */
  readonly ownerUserId: string | null;
  readonly kind: CredentialKind;
  /** Lower-case names of 1 to 64 characters, such as `openai` and `api_key`. */
  readonly service: string;
  readonly purpose: string;
  readonly label: string;
}

export interface NewCredential extends CredentialPlace {
  readonly secret: string;
  readonly expiresAt: Date | null;
}

/** Which credential a run needs. */
export interface CredentialKey {
  readonly service: string;
  readonly purpose: string;
  /** Without it the one that was made last. */
  readonly label?: string;
  /** A version that a run began with: usable after a rotation for as long as that one said. */
  readonly pinned?: { readonly id: string; readonly version: number };
}

export type CredentialSource = 'own' | 'workspace' | 'organization' | 'env' | 'file';

/** One version as it is stored. */
export interface StoredCredential {
  readonly id: string;
  readonly orgId: string;
  readonly workspaceId: string | null;
  readonly ownerUserId: string | null;
  readonly version: number;
  readonly sealed: SealedBlob;
}

/** What a version is sealed for: a row that is put elsewhere opens nowhere. */
export function placeOf(credential: Omit<StoredCredential, 'sealed'>): string {
  const { orgId, workspaceId, ownerUserId, id, version } = credential;
  return ['credential', orgId, workspaceId ?? '', ownerUserId ?? '', id, version].join('|');
}

export function sourceOf({ ownerUserId, workspaceId }: StoredCredential): CredentialSource {
  if (ownerUserId !== null) return 'own';
  return workspaceId === null ? 'organization' : 'workspace';
}

/** The fields of a secret that is a JSON object; any other text is its field `credential`. */
export function fieldsOf(secret: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(secret);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Most secrets are no JSON.
  }
  return { credential: secret };
}

/** Every text in a secret that may reappear by itself. */
export function textsOf(secret: string): string[] {
  const leaves = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
  };
  return [...new Set([secret, ...leaves(fieldsOf(secret))])];
}
