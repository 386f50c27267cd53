// TODO: later
export const id = 1;
