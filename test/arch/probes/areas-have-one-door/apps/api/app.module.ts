import { value } from '../../libs/areas/orders/orders.service.ts';

export const doubled = value * 2;
