import { value } from '../../libs/kernel/index.ts';

export const doubled = value * 2;
