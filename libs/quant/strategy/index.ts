export type * from './interfaces.ts';
export { addQuantity, countingLot, floorToLot, lots } from './quantity.ts';
