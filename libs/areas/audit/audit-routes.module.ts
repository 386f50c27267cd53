import { Module } from '@nestjs/common';
import { AuditModule } from '#platform/audit';
import { AuthModule } from '#platform/auth';
import { AuditScope } from './audit-scope.service.ts';
import { AuditController } from './audit.controller.ts';
import { AuditProbe } from './audit.probe.ts';
import { ChainsService } from './chains.service.ts';
import { CheckpointsRepository } from './checkpoints.repository.ts';
import { WorkloadRunViewsRepository } from './workload-run-views.repository.ts';
import { WorkloadRunsService } from './workload-runs.service.ts';

/** Reads of the audit records. Writing and sealing them is `#platform/audit`. */
@Module({
  imports: [AuditModule, AuthModule],
  controllers: [AuditController],
  providers: [
    AuditProbe,
    AuditScope,
    ChainsService,
    CheckpointsRepository,
    WorkloadRunViewsRepository,
    WorkloadRunsService,
  ],
})
export class AuditRoutesModule {}
