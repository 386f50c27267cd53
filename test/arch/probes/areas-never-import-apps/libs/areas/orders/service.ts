import { value } from '../../../apps/api/app.module.ts';

export const doubled = value * 2;
