import { type DynamicModule, Module } from '@nestjs/common';
import type { LastResort } from '#platform/host';
import { AuditCommand, AuditVerifyCommand } from './audit-verify.command.ts';
import { CredentialsCheckCommand, CredentialsCommand } from './credentials-check.command.ts';
import { Installation } from './installation.ts';
import { KekCommand, KekRotateCommand } from './kek-rotate.command.ts';
import { MigrateCommand } from './migrate.command.ts';
import { RedactCommand } from './redact.command.ts';
import { RevokeCommand } from './revoke.command.ts';

/** Operator commands. */
@Module({})
export class OpsModule {
  static forRoot(env: NodeJS.ProcessEnv, lastResort: LastResort): DynamicModule {
    return {
      module: OpsModule,
      providers: [
        { provide: Installation, useFactory: () => new Installation(env, lastResort) },
        AuditCommand,
        AuditVerifyCommand,
        RedactCommand,
        CredentialsCommand,
        CredentialsCheckCommand,
        KekCommand,
        KekRotateCommand,
        RevokeCommand,
        MigrateCommand,
      ],
    };
  }
}
