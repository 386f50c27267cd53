export { JobsProcess, type JobsProcessOptions, SwitchableHalt, newDataDir, userContext } from './jobs-process.ts';
export { SCRIPTED, type Script, diary } from './scripted.job.ts';
export { JobsBench } from './jobs-bench.ts';
