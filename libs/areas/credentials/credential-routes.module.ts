import { Module } from '@nestjs/common';
import { CredentialViewsRepository } from './credential-views.repository.ts';
import { CredentialsController } from './credentials.controller.ts';
import { CredentialsService } from './credentials.service.ts';

/** Routes of credentials. Sealing, opening and masking them is `#platform/credentials`. */
@Module({
  controllers: [CredentialsController],
  providers: [CredentialViewsRepository, CredentialsService],
})
export class CredentialRoutesModule {}
