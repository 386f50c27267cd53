export const id = (row?: { id: string }): string => row?.id!;
