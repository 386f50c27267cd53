import { CredentialsConfig, EnvelopeConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { CredentialCheck, type CheckedCredential } from '#platform/credentials';
import { TenantTransaction } from '#platform/database';
import { KeyEncryptionKeys } from '#platform/envelope';
import type { Installation } from './installation.ts';

/** Which credentials an organization has for a service, and whether they open; on the record. */
export function checkCredentials(
  installation: Installation,
  org: string,
  service: string,
): Promise<CheckedCredential[]> {
  const { env } = installation;
  const keks = KeyEncryptionKeys.open(loadTopic(EnvelopeConfig, env), loadTopic(EnvironmentConfig, env));
  const config = loadTopic(CredentialsConfig, env);
  return installation.audited(
    { action: 'credential.check', targetKind: null, targetId: null, payload: { org, service } },
    (services) => new CredentialCheck(services.get(TenantTransaction), keks, config).run(org, service),
  );
}

/** One line each. */
export function describeCredentials(credentials: readonly CheckedCredential[]): string {
  if (credentials.length === 0) return 'There is none.\n';
  return credentials
    .map(({ source, purpose, stored, state }) => {
      const what = stored ? ` "${stored.label}", version ${stored.version}, fingerprint ${stored.fingerprint}` : '';
      return `${purpose}: ${source}${what}: ${state === 'opens' ? state : `does not open (${state})`}\n`;
    })
    .join('');
}
