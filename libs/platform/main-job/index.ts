export { ApiClient, ApiRefusal, type ProgressFrame, type Task } from './api-client.ts';
export { ConsoleReporter, resultTable } from './console-reporter.ts';
export { SAMPLE_SYMBOL } from './sample-data.ts';
export { runMainJob, type MainJobListener, type MainJobResult, type MainJobStep } from './main-job.ts';
