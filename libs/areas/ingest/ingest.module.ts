import { Module } from '@nestjs/common';
import { DataModule } from '#areas/data';
import { ExpiredUploads } from './expired-uploads.ts';
import { IngestRunsController } from './ingest-runs.controller.ts';
import { IngestRunsRepository } from './ingest-runs.repository.ts';
import { IngestRunsService } from './ingest-runs.service.ts';
import { IngestThreads } from './ingest-threads.ts';
import { PreviewsService } from './previews.service.ts';
import { Quarantine } from './quarantine.ts';
import { RuleOptions } from './rule-options.ts';
import { RunIngestJob } from './run-ingest.job.ts';
import { UploadsController } from './uploads.controller.ts';
import { UploadsRepository } from './uploads.repository.ts';
import { UploadsService } from './uploads.service.ts';

@Module({
  imports: [DataModule],
  controllers: [UploadsController, IngestRunsController],
  providers: [ExpiredUploads, IngestRunsRepository, IngestRunsService, IngestThreads, PreviewsService, Quarantine, RuleOptions, RunIngestJob, UploadsRepository, UploadsService],
})
export class IngestModule {}
