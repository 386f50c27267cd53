import { value } from '../bars/columns.ts';

export const doubled = value * 2;
