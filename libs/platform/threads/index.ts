export type { Organization } from './fair-turns.ts';
export { ThreadsModule } from './threads.module.ts';
export { type Lane, Threads, type ThreadOptions } from './threads.ts';
