// @ts-ignore
export const id: number = '1';
