import { type ChainId, ChainVerifier, type Verification } from '#platform/audit';
import type { Installation } from './installation.ts';

/** Verifies one chain, or every chain of the installation; itself on the record. */
export function verifyChains(installation: Installation, chain?: ChainId): Promise<Verification[]> {
  const intent = { action: 'audit.verify', targetKind: null, targetId: null, payload: chain ? { chain } : {} };
  return installation.audited(intent, async (services) => {
    const verifier = services.get(ChainVerifier);
    const verified: Verification[] = [];
    for (const name of chain ? [chain] : await verifier.chains())
      verified.push(await verifier.verify({ orgId: null, platformRead: true }, name));
    return verified;
  });
}

/** One line per chain; the first bad row of a broken one is named. */
export function describeChains(chains: readonly Verification[]): string {
  if (chains.length === 0) return 'The audit ledger is empty.\n';
  return chains
    .map(({ chain, checked, unsealed, first_bad }) => {
      const state = first_bad ? `INVALID, first bad row: seq ${first_bad.seq} (${first_bad.reason})` : 'valid';
      return `${chain}: ${state}; ${checked} entries checked, ${unsealed} not sealed yet\n`;
    })
    .join('');
}
