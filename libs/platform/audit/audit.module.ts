import { Global, Module } from '@nestjs/common';
import { AuditBackground } from './audit-background.ts';
import { AuditCoreModule } from './audit-core.module.ts';

/** Audit of a service: intents, outcomes, security entries, the ledger, its sealer and the reconciler. */
@Global()
@Module({ imports: [AuditCoreModule], providers: [AuditBackground], exports: [AuditCoreModule] })
export class AuditModule {}
