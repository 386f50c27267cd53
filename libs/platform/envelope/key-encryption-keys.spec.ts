import { spawn } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { EnvelopeConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { KeyEncryptionKeys } from './key-encryption-keys.ts';

const OPEN = `
  const { KeyEncryptionKeys } = await import(process.argv[1]);
  const keys = KeyEncryptionKeys.open({ kekFile: undefined }, { dataDir: process.argv[2] });
  process.stdout.write(keys.current().id);
`;

describe('KeyEncryptionKeys', () => {
  let dataDir: string;
  let file: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'keks-'));
    file = join(dataDir, 'kek');
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  function open(env: NodeJS.ProcessEnv = {}): KeyEncryptionKeys {
    const all = { ALPHASWARM_ENV: 'test', ALPHASWARM_DATA_DIR: dataDir, ...env };
    return KeyEncryptionKeys.open(loadTopic(EnvelopeConfig, all), loadTopic(EnvironmentConfig, all));
  }

  it('are made once in the data directory, for the owner alone', () => {
    const { id, key } = open().current();
    expect(key).toHaveLength(32);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(open().current().id).toBe(id);
  });

  it('are one when two processes start at once', async () => {
    const args = ['--conditions=source', '--import', './libs/platform/jobs/testing/register-swc.mjs'];
    const module = join(process.cwd(), 'libs/platform/envelope/key-encryption-keys.ts');
    const ids = await Promise.all(
      [1, 2].map(() => {
        const child = spawn(process.execPath, [...args, '--input-type=module', '-e', OPEN, module, dataDir], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        return text(child.stdout);
      }),
    );
    const { id } = open().current();
    expect(ids).toEqual([id, id]);
    expect(readdirSync(dataDir)).toEqual(['kek']);
  }, 30_000);

  it('are never made where a file is named', () => {
    expect(() => open({ ALPHASWARM_KEK_FILE: file })).toThrow(/ALPHASWARM_KEK_FILE: ENOENT/);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it.each([
    ['nothing', '', 1],
    ['31 bytes', Buffer.alloc(31).toString('base64'), 1],
    ['33 bytes', Buffer.alloc(33).toString('base64'), 1],
    ['hexadecimal', 'ab'.repeat(32), 1],
    ['a blank in it', `${Buffer.alloc(32).toString('base64').slice(0, 20)} ${'A'.repeat(23)}=`, 1],
    ['a second line that is none', `${Buffer.alloc(32).toString('base64')}\nkey`, 2],
  ])('are refused when a line is %s, by its number alone', (_, content, line) => {
    writeFileSync(file, content, { mode: 0o600 });
    expect(() => open()).toThrow(`line ${line} of ${file} is not a key of 32 bytes in base64.`);
  });

  it('are refused when others may read them', () => {
    open();
    chmodSync(file, 0o644);
    expect(() => open()).toThrow(/readable by its owner only/);
  });

  it('are those of the file as it is now', () => {
    const keys = open();
    const old = keys.current();
    writeFileSync(file, `${Buffer.alloc(32, 7).toString('base64')}\n${readFileSync(file, 'utf8')}`);
    expect(keys.current().key).toEqual(Buffer.alloc(32, 7));
    expect(keys.find(old.id)).toEqual(old);
    expect(keys.find('0'.repeat(16))).toBeUndefined();
    rmSync(file);
    expect(() => keys.current()).toThrow(/ENOENT/);
  });

  it('get a new one in front, for the owner alone, and keep the others', () => {
    const keys = open();
    const old = keys.current();
    keys.add();
    expect(keys.current().id).not.toBe(old.id);
    expect(keys.find(old.id)).toEqual(old);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['kek']);
  });

  it('get a new one where a link leads, and the link stays', () => {
    open();
    const link = join(dataDir, 'link');
    symlinkSync(file, link);
    const keys = open({ ALPHASWARM_KEK_FILE: link });
    keys.add();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(open().current()).toEqual(keys.current());
  });
});
