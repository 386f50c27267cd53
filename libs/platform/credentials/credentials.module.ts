import { Global, Module } from '@nestjs/common';
import { CredentialResolver } from './credential-resolver.ts';
import { CredentialVault } from './credential-vault.ts';
import { CredentialsRepository } from './credentials.repository.ts';

@Global()
@Module({
  providers: [CredentialsRepository, CredentialVault, CredentialResolver],
  exports: [CredentialVault, CredentialResolver],
})
export class CredentialsModule {}
