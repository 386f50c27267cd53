import type { Installation } from './installation.ts';

/**
 * Brings a foreign database to the newest migration; the embedded one migrates whenever it is opened. Returns what ran.
 */
export async function migrateInstallation(installation: Installation): Promise<string[]> {
  const ran = await installation.migrate();
  // Only now is there surely a ledger to record it in.
  await installation.audited(
    { action: 'database.migrate', targetKind: null, targetId: null, payload: { ran } },
    async () => undefined,
  );
  return ran;
}
