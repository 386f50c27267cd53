import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthProbes } from '#platform/health';
import { KeyEncryptionKeys } from './key-encryption-keys.ts';

/** Secrets can be sealed and opened (platform.md 13): the key-encryption keys can be read. */
@Injectable()
export class KekProbe implements OnModuleInit {
  constructor(
    private readonly probes: HealthProbes,
    private readonly keks: KeyEncryptionKeys,
  ) {}

  onModuleInit(): void {
    this.probes.add({
      name: 'kek',
      hard: true,
      check: async () => {
        this.keks.current();
      },
    });
  }
}
