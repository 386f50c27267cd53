export { ThreadsModule } from './threads.module.ts';
export { type Lane, Threads, type ThreadOptions } from './threads.ts';
