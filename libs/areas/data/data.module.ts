import { Module } from '@nestjs/common';
import { ActionsController } from './actions.controller.ts';
import { BarParquet } from './bar-parquet.ts';
import { BarPages } from './bar-pages.ts';
import { BarThreads } from './bar-threads.ts';
import { BarStatsService } from './bar-stats.service.ts';
import { BarsController } from './bars.controller.ts';
import { BarsReader } from './bars-reader.ts';
import { BarsService } from './bars.service.ts';
import { CalendarsRepository } from './calendars.repository.ts';
import { CatalogController } from './catalog.controller.ts';
import { CorporateActionsRepository } from './corporate-actions.repository.ts';
import { CorporateActionsService } from './corporate-actions.service.ts';
import { CoverageController } from './coverage.controller.ts';
import { CoverageRepository } from './coverage.repository.ts';
import { DatasetsRepository } from './datasets.repository.ts';
import { InstrumentRegistry } from './instrument-registry.ts';
import { InstrumentsRepository } from './instruments.repository.ts';
import { ReferenceController } from './reference.controller.ts';
import { SnapshotChoice } from './snapshot-choice.ts';
import { StoredBarsReader } from './stored-bars.ts';

@Module({
  controllers: [ReferenceController, CatalogController, CoverageController, ActionsController, BarsController],
  providers: [
    BarPages,
    BarParquet,
    BarsReader,
    BarsService,
    BarStatsService,
    BarThreads,
    CalendarsRepository,
    CorporateActionsRepository,
    CorporateActionsService,
    CoverageRepository,
    DatasetsRepository,
    InstrumentRegistry,
    InstrumentsRepository,
    SnapshotChoice,
    StoredBarsReader,
  ],
  exports: [BarsReader, InstrumentRegistry],
})
export class DataModule {}
