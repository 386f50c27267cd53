import { Injectable, type OnModuleInit } from '@nestjs/common';
import { IdentityProviders } from '#platform/auth';
import { HealthProbes } from './health-probes.ts';

/** The keys of the primary identity provider: without them nobody gets in, and once they are there they stay a day. */
@Injectable()
export class IdpProbe implements OnModuleInit {
  #loaded = false;

  constructor(
    private readonly probes: HealthProbes,
    private readonly providers: IdentityProviders,
  ) {}

  onModuleInit(): void {
    if (!this.providers.trusted) return;
    const hard = (): boolean => !this.#loaded;
    this.probes.add({
      name: 'idp',
      get hard() {
        return hard();
      },
      check: async () => {
        await this.providers.ready();
        this.#loaded = true;
      },
    });
  }
}
