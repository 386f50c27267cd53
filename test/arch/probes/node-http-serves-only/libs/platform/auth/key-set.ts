import { type Server, createServer, get } from 'node:http';

export const server: Server = createServer();
export const keys = get;
