export { GuardedApp, type Answer, type GuardedAppOptions } from './guarded-app.ts';
export { TenantBuilder, type TestGrant, type TestPerson, type TestTenant } from './tenants.ts';
export { TestTokens, type TestTokenOptions } from './tokens.ts';
