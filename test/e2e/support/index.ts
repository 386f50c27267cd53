export { type ApiResponse, type Sent, send } from './send.ts';
export { TestApi, type TestApiOptions, type TokenRequest } from './test-api.ts';
