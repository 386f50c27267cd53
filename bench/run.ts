import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bench } from './harness/report.ts';

/** `npm run bench -- <name> [options]`: runs bench/<name>/index.ts and prints its report as the last line. */
const [name, ...args] = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((entry) => existsSync(join(import.meta.dirname, entry, 'index.ts')))
  .sort();
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- <${names.join('|')}> [options]`);
  process.exit(2);
}
const { run } = (await import(pathToFileURL(join(import.meta.dirname, name, 'index.ts')).href)) as { run: Bench };
try {
  const report = await run(args);
  console.log(JSON.stringify(report));
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}
