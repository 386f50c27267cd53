import { value } from '../billing/index.ts';

export const doubled = value * 2;
