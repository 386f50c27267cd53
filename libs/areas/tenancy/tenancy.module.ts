import { Module } from '@nestjs/common';
import { AuditModule } from '#platform/audit';
import { GrantsController } from './grants.controller.ts';
import { GrantsRepository } from './grants.repository.ts';
import { GrantsService } from './grants.service.ts';
import { MembersController } from './members.controller.ts';
import { MembersRepository } from './members.repository.ts';
import { MembersService } from './members.service.ts';
import { OrganizationsController } from './organizations.controller.ts';
import { ProvisioningRepository } from './provisioning.repository.ts';
import { ProvisioningService } from './provisioning.service.ts';
import { ScopesRepository } from './scopes.repository.ts';
import { ScopesService } from './scopes.service.ts';
import { TenancySeed } from './tenancy.seed.ts';
import { WorkspacesController } from './workspaces.controller.ts';

@Module({
  imports: [AuditModule],
  controllers: [OrganizationsController, WorkspacesController, MembersController, GrantsController],
  providers: [
    GrantsRepository,
    GrantsService,
    MembersRepository,
    MembersService,
    ProvisioningRepository,
    ProvisioningService,
    ScopesRepository,
    ScopesService,
    TenancySeed,
  ],
  exports: [ProvisioningService, TenancySeed],
})
export class TenancyModule {}
