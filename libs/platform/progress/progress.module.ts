import { Global, Module } from '@nestjs/common';
import { PostgresProgress } from './postgres-progress.ts';
import { Progress } from './progress.ts';
import { ProgressRepository } from './progress.repository.ts';
import { ProgressSignal } from './progress-signal.ts';

@Global()
@Module({
  providers: [ProgressRepository, ProgressSignal, { provide: Progress, useClass: PostgresProgress }],
  exports: [Progress, ProgressRepository],
})
export class ProgressModule {}
