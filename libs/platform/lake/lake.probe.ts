import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LakeConfig } from '#platform/config';
import { HealthProbes } from '#platform/health';

/** Tables can be read and written: their directory is there. */
@Injectable()
export class LakeProbe implements OnModuleInit {
  constructor(
    private readonly probes: HealthProbes,
    private readonly config: LakeConfig,
  ) {}

  onModuleInit(): void {
    this.probes.add({
      name: 'lake',
      hard: false,
      check: async () => {
        await mkdir(this.config.warehouse, { recursive: true });
        await access(this.config.warehouse, constants.R_OK | constants.W_OK);
      },
    });
  }
}
