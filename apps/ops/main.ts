import { CommandFactory } from 'nest-commander';
import { ConfigError } from '#platform/config';
import { SchemaBehindError, UnfitServerError } from '#platform/database';
import { LastResort } from '#platform/host';
import { OpsModule } from './ops.module.ts';

/** EX_CONFIG of sysexits.h. */
const BAD_CONFIGURATION = 78;

function fail(error: Error & { exitCode?: number }): void {
  // The parser has told its own errors, and help is none.
  if (error.exitCode === undefined) process.stderr.write(`${error.message}\n`);
  const expected = [ConfigError, SchemaBehindError, UnfitServerError].some((kind) => error instanceof kind);
  process.exitCode = error.exitCode ?? (expected ? BAD_CONFIGURATION : 1);
}

await CommandFactory.run(OpsModule.forRoot(process.env, LastResort.install()), {
  logger: ['error', 'fatal'],
  cliName: 'npm run ops --',
  errorHandler: fail,
  serviceErrorHandler: fail,
});
