export const id: unknown = eval('1');
