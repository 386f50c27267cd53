export const id = true ? 1 : 2;
