import { redact, redactText, showingPrefixes } from '#platform/audit';
import type { Installation } from './installation.ts';

/**
 * A document as the audit ledger would keep it, on the record. `prefixes` shows the first characters of long secrets,
 * on the console alone.
 */
export function redactInput(installation: Installation, input: string, prefixes: boolean): Promise<string> {
  const intent = {
    action: 'audit.redact',
    targetKind: null,
    targetId: null,
    payload: { unsafe_print_token_prefixes: prefixes },
  };
  return installation.audited(intent, () =>
    Promise.resolve(prefixes ? showingPrefixes(() => redacted(input)) : redacted(input)),
  );
}

/** JSON by keys and values, anything else as text. */
function redacted(input: string): string {
  try {
    return `${JSON.stringify(redact(JSON.parse(input)))}\n`;
  } catch {
    return redactText(input);
  }
}
