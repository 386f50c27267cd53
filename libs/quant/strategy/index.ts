export type * from './interfaces.ts';
export { addQuantity, lots, wholeLots } from './quantity.ts';
