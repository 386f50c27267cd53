export { DEFAULT_IDS, DEFAULT_ORGANIZATION, LOCAL_USER } from './default-ids.ts';
export { ProvisioningService, type LocalMember, type ProvisionedMember } from './provisioning.service.ts';
export { TenancyModule } from './tenancy.module.ts';
export { TenancySeed } from './tenancy.seed.ts';
