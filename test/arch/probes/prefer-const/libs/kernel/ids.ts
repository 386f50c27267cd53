let id = 1;
export const doubled = id * 2;
