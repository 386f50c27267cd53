import { Module } from '@nestjs/common';
import { Egress } from './egress.ts';
import { Network } from './network.ts';

/** For the modules that call outward; there is one Egress for all of them. */
@Module({ providers: [Egress, Network], exports: [Egress] })
export class EgressModule {}
