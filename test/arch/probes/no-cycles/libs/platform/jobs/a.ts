import { failed } from './b.ts';

export type Outcome = 'succeeded' | 'failed';

export const succeeded = (outcome: Outcome): boolean => !failed(outcome);
