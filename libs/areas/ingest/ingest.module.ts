import { Module } from '@nestjs/common';
import { DataModule } from '#areas/data';
import { CheckIngestPipe } from './check-ingest.pipe.ts';
import { ExpiredUploads } from './expired-uploads.ts';
import { IngestRunsController } from './ingest-runs.controller.ts';
import { IngestRunsRepository } from './ingest-runs.repository.ts';
import { IngestRunsService } from './ingest-runs.service.ts';
import { IngestThreads } from './ingest-threads.ts';
import { PreviewsService } from './previews.service.ts';
import { Quarantine } from './quarantine.ts';
import { RequestChecks } from './request-checks.ts';
import { RuleOptions } from './rule-options.ts';
import { RunIngestJob } from './run-ingest.job.ts';
import { UploadedBars } from './uploaded-bars.ts';
import { UploadsController } from './uploads.controller.ts';
import { UploadsRepository } from './uploads.repository.ts';
import { UploadsService } from './uploads.service.ts';

@Module({
  imports: [DataModule],
  controllers: [UploadsController, IngestRunsController],
  providers: [
    CheckIngestPipe,
    ExpiredUploads,
    IngestRunsRepository,
    IngestRunsService,
    IngestThreads,
    PreviewsService,
    Quarantine,
    RequestChecks,
    RuleOptions,
    RunIngestJob,
    UploadedBars,
    UploadsRepository,
    UploadsService,
  ],
})
export class IngestModule {}
