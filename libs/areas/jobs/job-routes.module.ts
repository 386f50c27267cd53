import { Module } from '@nestjs/common';
import { JobViewsRepository } from './job-views.repository.ts';
import { JobsController } from './jobs.controller.ts';
import { JobsService } from './jobs.service.ts';
import { ProgressGateway } from './progress.gateway.ts';
import { TicketsController } from './tickets.controller.ts';

/** Routes and sockets of jobs. */
@Module({
  controllers: [JobsController, TicketsController],
  providers: [JobViewsRepository, JobsService, ProgressGateway],
})
export class JobRoutesModule {}
