export { POLICIES } from './registry.ts';
export { PolicyGate } from './policy-gate.ts';
export { denials } from './policy.ts';
export type { Affordability, Breach, Finding, OrderCheck, Policy, PolicyId, Severity } from './policy.ts';
export { DEFAULT_LIMITS, effectiveLimits, type RiskLimits } from './risk-limits.ts';
