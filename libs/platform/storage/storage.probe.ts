import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthProbes } from '#platform/health';
import { ObjectStore } from './object-store.ts';

/** Objects can be stored. Soft: what needs no bytes goes on without. */
@Injectable()
export class StorageProbe implements OnModuleInit {
  constructor(
    private readonly probes: HealthProbes,
    private readonly store: ObjectStore,
  ) {}

  onModuleInit(): void {
    this.probes.add({ name: 'storage', hard: false, check: async (signal) => this.store.probe(signal) });
  }
}
