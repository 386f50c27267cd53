import type { MigrationInterface } from 'typeorm';
import { DatabaseTenantIsolation1790000000000 } from './1790000000000-database-tenant-isolation.ts';
import { TenancyScopes1790000001000 } from './1790000001000-tenancy-scopes.ts';
import { TenancyMembers1790000001001 } from './1790000001001-tenancy-members.ts';
import { AuthEffectiveRole1790000001002 } from './1790000001002-auth-effective-role.ts';
import { AuthTokenRevocations1790000001003 } from './1790000001003-auth-token-revocations.ts';
import { AuditCreate1790000001500 } from './1790000001500-audit-create.ts';
import { HttpIdempotencyKeys1790000002000 } from './1790000002000-http-idempotency-keys.ts';
import { JobsCreate1790000002500 } from './1790000002500-jobs-create.ts';
import { ProgressCreate1790000002600 } from './1790000002600-progress-create.ts';
import { DataLake1790000003000 } from './1790000003000-data-lake.ts';
import { DataReference1790000003001 } from './1790000003001-data-reference.ts';
import { IngestCreate1790000004000 } from './1790000004000-ingest-create.ts';
import { StrategiesCreate1790000005000 } from './1790000005000-strategies-create.ts';
import { BacktestsCreate1790000006000 } from './1790000006000-backtests-create.ts';
import { BacktestsInputStorage1790000006001 } from './1790000006001-backtests-input-storage.ts';
import { HttpClaimWithIntent1790000006500 } from './1790000006500-http-claim-with-intent.ts';
import { HttpCompleteKey1790000006501 } from './1790000006501-http-complete-key.ts';
import { AuditOpenRuns1790000006600 } from './1790000006600-audit-open-runs.ts';
import { StrategiesNewestOfWorkspace1790000006700 } from './1790000006700-strategies-newest-of-workspace.ts';
import { AuditIntentsTogether1790000006800 } from './1790000006800-audit-intents-together.ts';
import { DataNewestBar1790000007000 } from './1790000007000-data-newest-bar.ts';
import { DatabaseFilteredLists1790000007100 } from './1790000007100-database-filtered-lists.ts';
import { BacktestsComparison1790000007200 } from './1790000007200-backtests-comparison.ts';
import { DataFxCalendar1790000007250 } from './1790000007250-data-fx-calendar.ts';
import { IngestArchives1790000007300 } from './1790000007300-ingest-archives.ts';
import { IngestRefusals1790000008100 } from './1790000008100-ingest-refusals.ts';
import { IngestOpenUploads1790000008300 } from './1790000008300-ingest-open-uploads.ts';
import { JobsActed1790000008400 } from './1790000008400-jobs-acted.ts';
import { JobsTracestate1790000008500 } from './1790000008500-jobs-tracestate.ts';
import { JobsSlotForOthers1790000008501 } from './1790000008501-jobs-slot-for-others.ts';
import { JobsSettleTries1790000008600 } from './1790000008600-jobs-settle-tries.ts';
import { AuthGrantChanges1790000010200 } from './1790000010200-auth-grant-changes.ts';
import { AuthOrganizationByAuth01790000010300 } from './1790000010300-auth-organization-by-auth0.ts';
import { CredentialsCreate1790000010400 } from './1790000010400-credentials-create.ts';

/** In the order of the 13 digits. A new migration is one file and one line here. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  DatabaseTenantIsolation1790000000000,
  TenancyScopes1790000001000,
  TenancyMembers1790000001001,
  AuthEffectiveRole1790000001002,
  AuthTokenRevocations1790000001003,
  AuditCreate1790000001500,
  HttpIdempotencyKeys1790000002000,
  JobsCreate1790000002500,
  ProgressCreate1790000002600,
  DataLake1790000003000,
  DataReference1790000003001,
  IngestCreate1790000004000,
  StrategiesCreate1790000005000,
  BacktestsCreate1790000006000,
  BacktestsInputStorage1790000006001,
  HttpClaimWithIntent1790000006500,
  HttpCompleteKey1790000006501,
  AuditOpenRuns1790000006600,
  StrategiesNewestOfWorkspace1790000006700,
  AuditIntentsTogether1790000006800,
  DataNewestBar1790000007000,
  DatabaseFilteredLists1790000007100,
  BacktestsComparison1790000007200,
  DataFxCalendar1790000007250,
  IngestArchives1790000007300,
  IngestRefusals1790000008100,
  IngestOpenUploads1790000008300,
  JobsActed1790000008400,
  JobsTracestate1790000008500,
  JobsSlotForOthers1790000008501,
  JobsSettleTries1790000008600,
  AuthGrantChanges1790000010200,
  AuthOrganizationByAuth01790000010300,
  CredentialsCreate1790000010400,
];
