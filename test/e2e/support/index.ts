export { type ApiResponse, type Sent } from './send.ts';
export { TestApi, type TestApiOptions, type TokenRequest } from './test-api.ts';
