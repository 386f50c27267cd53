import { value } from '../api/app.module.ts';

export const doubled = value * 2;
