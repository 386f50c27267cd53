export { RateLimits, rateLimited, type RateCharge, type RateDecision } from './rate-limits.ts';
export { RatesModule } from './rates.module.ts';
export { sourceIp, trustedNetworks } from './source-ip.ts';
