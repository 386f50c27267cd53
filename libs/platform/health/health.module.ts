import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { EventLoop } from './event-loop.ts';
import { HealthController } from './health.controller.ts';
import { HealthMonitor } from './health-monitor.ts';
import { HealthProbes } from './health-probes.ts';
import { IdpProbe } from './idp.probe.ts';
import { OtelProbe } from './otel.probe.ts';
import { PostgresProbe } from './postgres.probe.ts';

@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [EventLoop, HealthMonitor, HealthProbes, IdpProbe, OtelProbe, PostgresProbe],
  exports: [HealthMonitor, HealthProbes],
})
export class HealthModule {}
