import type { DynamicModule } from '@nestjs/common';
import { AuditRoutesModule } from '#areas/audit';
import { BacktestsModule } from '#areas/backtests';
import { CredentialRoutesModule } from '#areas/credentials';
import { DataModule } from '#areas/data';
import { IdentityModule } from '#areas/identity';
import { IngestModule } from '#areas/ingest';
import { JobRoutesModule } from '#areas/jobs';
import { StrategiesModule } from '#areas/strategies';
import { TenancyModule } from '#areas/tenancy';
import { AuditModule } from '#platform/audit';
import { AuthModule } from '#platform/auth';
import { CredentialsModule } from '#platform/credentials';
import { EnvelopeModule } from '#platform/envelope';
import { HealthModule } from '#platform/health';
import { HttpModule } from '#platform/http';
import { JobsModule } from '#platform/jobs';
import { LakeModule } from '#platform/lake';
import { ProgressModule } from '#platform/progress';
import { RatesModule } from '#platform/rates';
import { SocketsModule } from '#platform/sockets';
import { StorageModule } from '#platform/storage';
import { ThreadsModule } from '#platform/threads';

/** What every process of the service is built on. */
export const CAPABILITIES: NonNullable<DynamicModule['imports']> = [
  RatesModule,
  HttpModule,
  AuthModule,
  HealthModule,
  EnvelopeModule,
  CredentialsModule,
  AuditModule,
  ThreadsModule,
  ProgressModule,
  JobsModule,
  SocketsModule,
  StorageModule,
  LakeModule,
];

/** One line per area: gateway and worker have the same. */
export const AREAS: NonNullable<DynamicModule['imports']> = [
  TenancyModule,
  IdentityModule,
  DataModule,
  IngestModule,
  StrategiesModule,
  BacktestsModule,
  AuditRoutesModule,
  JobRoutesModule,
  CredentialRoutesModule,
];
