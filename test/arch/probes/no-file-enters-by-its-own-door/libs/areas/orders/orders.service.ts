import { ORDERS } from './index.ts';

export const MORE_ORDERS = ORDERS + 1;
