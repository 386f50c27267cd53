import { Module } from '@nestjs/common';
import { TenancyModule } from '#areas/tenancy';
import { AuthController } from './auth.controller.ts';
import { DevTokenController } from './dev-token.controller.ts';
import { DevTokenService } from './dev-token.service.ts';
import { IdentityService } from './identity.service.ts';

@Module({
  imports: [TenancyModule],
  controllers: [AuthController, DevTokenController],
  providers: [DevTokenService, IdentityService],
})
export class IdentityModule {}
