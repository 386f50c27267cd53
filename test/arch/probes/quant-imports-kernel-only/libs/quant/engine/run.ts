import { value } from '../../platform/database/index.ts';

export const doubled = value * 2;
