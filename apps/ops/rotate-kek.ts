import { EnvelopeConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { KekRotation, type KekRotationResult } from '#platform/credentials';
import { TenantTransaction } from '#platform/database';
import { KeyEncryptionKeys } from '#platform/envelope';
import type { Installation } from './installation.ts';

/** A new key-encryption key, and every key under it; on the record. Goes on with a rotation that was broken off. */
export function rotateKek(installation: Installation): Promise<KekRotationResult> {
  const { env } = installation;
  const keks = KeyEncryptionKeys.open(loadTopic(EnvelopeConfig, env), loadTopic(EnvironmentConfig, env));
  return installation.audited({ action: 'kek.rotate', targetKind: null, targetId: null, payload: {} }, (services) =>
    new KekRotation(services.get(TenantTransaction), keks).run(),
  );
}

/** What an operator reads. */
export function describeRotation({ kekId, added, rewrapped, refused }: KekRotationResult): string {
  const key = added
    ? `${kekId} is the new key.`
    : `Keys were not under ${kekId} yet, so no new one was made; run it again for one.`;
  const left = refused.map((version) => `  ${version} does not open and stays as it is\n`).join('');
  return `${key}\nRewrapped ${rewrapped} versions of credentials.\n${left}`;
}
