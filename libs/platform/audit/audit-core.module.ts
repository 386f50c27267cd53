import { Module } from '@nestjs/common';
import { AuditConfig, EnvironmentConfig } from '#platform/config';
import { AuditMetrics } from './audit-metrics.ts';
import { Reconciler } from './reconciler.ts';
import { CheckpointKeys } from './sealing/checkpoint-keys.ts';
import { SealerSignal } from './sealing/sealer-signal.ts';
import { Sealer } from './sealing/sealer.ts';
import { SealingRepository } from './sealing/sealing.repository.ts';
import { SecurityLog } from './security-log.ts';
import { ChainVerifier } from './verification/chain-verifier.ts';
import { ChainRepository } from './verification/chain.repository.ts';
import { WorkloadRunsRepository } from './workload-runs.repository.ts';
import { WorkloadRuntime } from './workload-runtime.ts';

/**
 * Audit without its background work: for commands, which seal what they wrote themselves. Needs DatabaseModule and the
 * configuration.
 */
@Module({
  providers: [
    { provide: CheckpointKeys, inject: [AuditConfig, EnvironmentConfig], useFactory: CheckpointKeys.open },
    AuditMetrics,
    ChainRepository,
    ChainVerifier,
    Reconciler,
    SealerSignal,
    Sealer,
    SealingRepository,
    SecurityLog,
    WorkloadRunsRepository,
    WorkloadRuntime,
  ],
  exports: [ChainVerifier, CheckpointKeys, Reconciler, Sealer, SecurityLog, WorkloadRuntime],
})
export class AuditCoreModule {}
