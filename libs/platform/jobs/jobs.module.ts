import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AuditModule } from '#platform/audit';
import { ActedJobs } from './acted-jobs.ts';
import { Chores } from './chores.ts';
import { JobEnding } from './job-ending.ts';
import { JobExecutor } from './job-executor.ts';
import { JobLeader } from './job-leader.ts';
import { JobMetrics } from './job-metrics.ts';
import { JobSettlement } from './job-settlement.ts';
import { JobUpkeep } from './job-upkeep.ts';
import { JobsRepository } from './jobs.repository.ts';
import { Jobs } from './jobs.service.ts';
import { LeaderLeaseRepository } from './leader-lease.repository.ts';
import { ProcessorRegistry } from './processor-registry.ts';
import { Purges } from './purges.ts';
import { PurgesRepository } from './purges.repository.ts';
import { QueueRepository } from './queue.repository.ts';
import { QueueRunner } from './queue-runner.ts';
import { ServiceIdentity } from './service-identity.ts';

/** The queue, for whoever has jobs: enqueue by `Jobs`, execute by `@JobProcessor`. */
@Global()
@Module({
  imports: [AuditModule, DiscoveryModule],
  providers: [
    ActedJobs,
    Chores,
    JobEnding,
    JobExecutor,
    JobLeader,
    JobMetrics,
    JobSettlement,
    JobUpkeep,
    Jobs,
    JobsRepository,
    LeaderLeaseRepository,
    ProcessorRegistry,
    Purges,
    PurgesRepository,
    QueueRepository,
    QueueRunner,
    ServiceIdentity,
  ],
  exports: [Chores, Jobs, LeaderLeaseRepository, ProcessorRegistry],
})
export class JobsModule {}
