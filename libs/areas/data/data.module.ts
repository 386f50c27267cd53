import { Module } from '@nestjs/common';
import { BarPages } from './bar-pages.ts';
import { BarStatsService } from './bar-stats.service.ts';
import { BarsController } from './bars.controller.ts';
import { BarsReader } from './bars-reader.ts';
import { BarsService } from './bars.service.ts';
import { CalendarsRepository } from './calendars.repository.ts';
import { CatalogController } from './catalog.controller.ts';
import { CorporateActionsRepository } from './corporate-actions.repository.ts';
import { DatasetsRepository } from './datasets.repository.ts';
import { InstrumentRegistry } from './instrument-registry.ts';
import { InstrumentsRepository } from './instruments.repository.ts';
import { ReferenceController } from './reference.controller.ts';
import { SnapshotChoice } from './snapshot-choice.ts';
import { StoredBarsReader } from './stored-bars.ts';

@Module({
  controllers: [ReferenceController, CatalogController, BarsController],
  providers: [
    BarPages, BarsReader, BarsService, BarStatsService, CalendarsRepository, CorporateActionsRepository, DatasetsRepository, InstrumentRegistry, InstrumentsRepository,
    SnapshotChoice, StoredBarsReader,
  ],
  exports: [BarsReader, InstrumentRegistry],
})
export class DataModule {}
