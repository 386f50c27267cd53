import { value } from '../database/pools.ts';

export const doubled = value * 2;
