export {
  MAX_FRAME_BYTES,
  TERMINAL_STAGES,
  isTerminalStage,
  type FrameInput,
  type TerminalFrame,
  type TerminalStage,
} from './frame.ts';
export { ProgressModule } from './progress.module.ts';
export { ProgressRepository } from './progress.repository.ts';
export {
  Progress,
  TaskFinishedError,
  type FrameBatch,
  type Replay,
  type StoredFrame,
  type StreamState,
} from './progress.ts';
