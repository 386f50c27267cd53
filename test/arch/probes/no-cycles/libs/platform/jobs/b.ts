import type { Outcome } from './a.ts';

export const failed = (outcome: Outcome): boolean => outcome === 'failed';
