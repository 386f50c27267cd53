export { TestLake } from './test-lake.ts';
