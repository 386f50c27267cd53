import { Injectable, type OnModuleInit } from '@nestjs/common';
import { WorkloadRuntime } from '#platform/audit';
import { HealthProbes } from '#platform/health';

/** Not ready while intents cannot be written: every mutation would answer 503 (platform.md 13). */
@Injectable()
export class AuditProbe implements OnModuleInit {
  constructor(
    private readonly probes: HealthProbes,
    private readonly workloads: WorkloadRuntime,
  ) {}

  onModuleInit(): void {
    this.probes.add({
      name: 'audit',
      hard: true,
      check: async () => {
        if (!(await this.workloads.mayBegin())) throw new Error('the application role may not insert audit records');
      },
    });
  }
}
