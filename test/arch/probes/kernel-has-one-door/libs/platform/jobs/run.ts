import { value } from '../../kernel/ids.ts';

export const doubled = value * 2;
