import { value } from './testing/builder.ts';

export const doubled = value * 2;
