export { TenantBuilder, type TestGrant, type TestPerson, type TestTenant } from './tenants.ts';
