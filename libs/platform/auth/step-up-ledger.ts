import type { DeclaredRoute } from './doors.ts';

/**
 * Every route that asks for step-up with its age in seconds, or `by body` and the age, and every other route that
 * changes something with the reason why it does not ask; by method and path as they are declared.
 */
export type StepUpLedger = Readonly<Record<string, number | { readonly byBody: number } | string>>;

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Where ledger and routes differ, one sentence each. */
export function stepUpFaults(routes: readonly DeclaredRoute[], ledger: StepUpLedger): string[] {
  const known = new Set(routes.map(nameOf));
  return [
    ...routes.flatMap((route) => {
      const fault = faultOf(route, ledger[nameOf(route)]);
      return fault === undefined ? [] : [`${nameOf(route)} ${fault}`];
    }),
    ...Object.keys(ledger).flatMap((name) => (known.has(name) ? [] : [`${name} is no route`])),
  ];
}

function faultOf({ method, door }: DeclaredRoute, line: StepUpLedger[string] | undefined): string | undefined {
  const stepUp = door?.kind === 'requires' ? door.stepUp : null;
  if (!stepUp) {
    if (typeof line === 'string') return line === '' ? 'has no reason for asking no step-up' : undefined;
    if (line !== undefined) return 'asks for no step-up, but the ledger says so';
    return READS.has(method) ? undefined : 'changes something without step-up, and the ledger does not say why';
  }
  if (line === undefined) return 'asks for step-up, and the ledger does not know';
  const expected = typeof line === 'object' ? { maxAge: line.byBody, byBody: true } : { maxAge: line, byBody: false };
  return stepUp.maxAge === expected.maxAge && stepUp.byBody === expected.byBody
    ? undefined
    : 'asks for another step-up than the ledger says';
}

function nameOf({ method, path }: DeclaredRoute): string {
  return `${method} ${path}`;
}
