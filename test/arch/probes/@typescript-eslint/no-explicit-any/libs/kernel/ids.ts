export const id: any = 1;
