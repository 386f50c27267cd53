import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AuditModule } from '#platform/audit';
import { JobExecutor } from './job-executor.ts';
import { JobLeader } from './job-leader.ts';
import { JobSettlement } from './job-settlement.ts';
import { JobsRepository } from './jobs.repository.ts';
import { Jobs } from './jobs.service.ts';
import { LeaderLeaseRepository } from './leader-lease.repository.ts';
import { ProcessorRegistry } from './processor-registry.ts';
import { QueueRepository } from './queue.repository.ts';
import { QueueRunner } from './queue-runner.ts';
import { ServiceIdentity } from './service-identity.ts';

/** The queue, for whoever has jobs: enqueue by `Jobs`, execute by `@JobProcessor`. */
@Global()
@Module({
  imports: [AuditModule, DiscoveryModule],
  providers: [
    JobExecutor, JobLeader, JobSettlement, Jobs, JobsRepository, LeaderLeaseRepository, ProcessorRegistry, QueueRepository, QueueRunner, ServiceIdentity,
  ],
  exports: [Jobs, LeaderLeaseRepository, ProcessorRegistry],
})
export class JobsModule {}
