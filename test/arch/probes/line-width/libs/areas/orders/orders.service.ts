// The longest line that a reader without a wide screen reads whole has a hundred and twenty columns, and this one has more.
export const ORDERS = 1;
