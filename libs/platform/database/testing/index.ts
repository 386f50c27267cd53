export { FakeServer } from './fake-server.ts';
export { TestDatabase } from './test-database.ts';
export { rowsRead } from './rows-read.ts';
