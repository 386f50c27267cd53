import { value } from '../../../migrations/index.ts';

export const doubled = value * 2;
