export { ThreadsModule } from './threads.module.ts';
export { Threads, type ThreadOptions } from './threads.ts';
