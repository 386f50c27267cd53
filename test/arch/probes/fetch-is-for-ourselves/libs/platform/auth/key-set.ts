export const keys = (url: string): Promise<Response> => fetch(url);
export const named = (fetch: (url: string) => unknown): unknown => fetch('keys');
