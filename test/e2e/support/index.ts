export { type ApiResponse, type Sent } from './send.ts';
export { TestApi, type TestApiOptions } from './test-api.ts';
