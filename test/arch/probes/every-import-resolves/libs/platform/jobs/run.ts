import { value } from './nowhere.ts';

export const doubled = value * 2;
