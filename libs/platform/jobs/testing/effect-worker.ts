import { EFFECT_JOBS } from './effect.job.ts';
import { JobsProcess } from './jobs-process.ts';

/** A worker of its own, to be killed: `node effect-worker.ts <owner url> <data dir> <settings>`. */
const [, , owner = '', dataDir = '', settings = '{}'] = process.argv;
const env = JSON.parse(settings) as NodeJS.ProcessEnv;
const worker = await JobsProcess.start({ urls: { owner } }, { processors: EFFECT_JOBS, dataDir, env });
let stopping = false;
process.on('SIGTERM', () => {
  if (stopping) return;
  stopping = true;
  worker.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.stdout.write('ready\n');
