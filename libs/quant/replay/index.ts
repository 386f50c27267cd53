export { replayEventLog, type ReplayResult } from './replay.ts';
