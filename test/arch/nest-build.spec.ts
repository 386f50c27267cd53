import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Text of every file below a folder by its path, without the source maps, which name their folder. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith('.js'),
  );
  return new Map(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]),
  );
}

describe('nest-cli.json', () => {
  it('builds with the Nest CLI what npm run build builds', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'alphaswarm-build-'));
    try {
      const config = JSON.parse(readFileSync('nest-cli.json', 'utf8'));
      config.compilerOptions.builder.options.outDir = join(scratch, 'nest');
      writeFileSync(join(scratch, 'nest-cli.json'), JSON.stringify(config));
      const build = (JSON.parse(readFileSync('package.json', 'utf8')).scripts.build as string).replace(
        '-d dist',
        `-d ${join(scratch, 'npm')}`,
      );
      await run('node_modules/.bin/nest', ['build', 'api', '--config', relative('.', join(scratch, 'nest-cli.json'))]);
      await run('/bin/sh', ['-c', build], {
        env: { ...process.env, PATH: `node_modules/.bin:${process.env['PATH']}` },
      });
      const [nest, npm] = [contents(join(scratch, 'nest')), contents(join(scratch, 'npm'))];
      expect(npm.size).toBeGreaterThan(500);
      expect([...nest.keys()]).toEqual([...npm.keys()]);
      expect([...npm].filter(([path, text]) => nest.get(path) !== text).map(([path]) => path)).toEqual([]);
      expect(Object.keys(config.projects).sort()).toEqual(
        readdirSync('apps', { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name)
          .sort(),
      );
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }, 60_000);
});
