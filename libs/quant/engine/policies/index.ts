export { POLICIES } from './registry.ts';
export { PolicyGate, type Affordability } from './policy-gate.ts';
export { denials } from './policy.ts';
export type { Breach, Finding, OrderCheck, Policy, PolicyId, Severity } from './policy.ts';
export { DEFAULT_LIMITS, effectiveLimits, type RiskLimits } from './risk-limits.ts';
