import { value } from '../../areas/orders/index.ts';

export const doubled = value * 2;
