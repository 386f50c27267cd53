export { EgressError, type EgressReason } from './egress-error.ts';
export { EgressModule } from './egress.module.ts';
export { Egress, type EgressAnswer, type EgressRequest } from './egress.ts';
