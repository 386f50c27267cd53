export const ORDERS = 1;
