import { LastResort } from '#platform/host';
import { JobsProcess, SCRIPTED } from '../../../libs/platform/jobs/testing/index.ts';
import { stopOnSignal } from '../stop-on-signal.ts';

/** A worker of scripted jobs, to be sent signals: `node finishing-worker.ts <owner url> <settings>`. */
const [, , owner = '', settings = '{}'] = process.argv;
const env = JSON.parse(settings) as NodeJS.ProcessEnv;
const worker = await JobsProcess.start({ urls: { owner } }, { processors: SCRIPTED, env });
stopOnSignal(worker.app, LastResort.install(), () => Promise.resolve());
process.stdout.write('ready\n');
