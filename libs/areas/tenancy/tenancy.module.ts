import { Module } from '@nestjs/common';
import { ProvisioningRepository } from './provisioning.repository.ts';
import { ProvisioningService } from './provisioning.service.ts';
import { TenancySeed } from './tenancy.seed.ts';

@Module({
  providers: [ProvisioningRepository, ProvisioningService, TenancySeed],
  exports: [ProvisioningService, TenancySeed],
})
export class TenancyModule {}
