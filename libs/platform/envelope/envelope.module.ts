import { Global, Module } from '@nestjs/common';
import { EnvelopeConfig, EnvironmentConfig } from '#platform/config';
import { Envelope } from './envelope.ts';
import { KekProbe } from './kek.probe.ts';
import { KeyEncryptionKeys } from './key-encryption-keys.ts';

@Global()
@Module({
  providers: [
    {
      provide: KeyEncryptionKeys,
      inject: [EnvelopeConfig, EnvironmentConfig],
      useFactory: (config: EnvelopeConfig, environment: EnvironmentConfig) =>
        KeyEncryptionKeys.open(config, environment),
    },
    Envelope,
    KekProbe,
  ],
  exports: [Envelope],
})
export class EnvelopeModule {}
