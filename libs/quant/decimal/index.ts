export * as decimal from './decimal.ts';
