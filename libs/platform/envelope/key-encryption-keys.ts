import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError, type EnvelopeConfig, type EnvironmentConfig } from '#platform/config';
import { readSecretFile, secretFile } from '#platform/host';
import { KEY_BYTES } from './authenticated-cipher.ts';

export interface KeyEncryptionKey {
  /** First 16 hex digits of the key's SHA-256: names it without a register of names, and tells nothing of it. */
  readonly id: string;
  readonly key: Buffer;
}

/**
 * The keys under which the keys of blobs are kept: a file with one a line, 32 bytes in base64. The first seals, all of
 * them open. The file is read at each use, which is rare, so that every process knows a new key once it is written and
 * none keeps a key in memory.
 */
export class KeyEncryptionKeys {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * Of the configured file, or of the one in the data directory, which is made when there is none. Throws ConfigError
   * when it cannot be used.
   */
  static open({ kekFile }: EnvelopeConfig, { dataDir }: EnvironmentConfig): KeyEncryptionKeys {
    const keys = new KeyEncryptionKeys(kekFile ?? join(dataDir, 'kek'));
    try {
      if (kekFile === undefined) secretFile(keys.#file, newKey);
      keys.current();
    } catch (error) {
      throw new ConfigError([`ALPHASWARM_KEK_FILE: ${(error as Error).message}`]);
    }
    return keys;
  }

  /** The one that seals. Throws when the file cannot be read or holds something else than keys. */
  current(): KeyEncryptionKey {
    return this.#read()[0];
  }

  /** Undefined for a key that is not in the file. Throws as `current` does. */
  find(id: string): KeyEncryptionKey | undefined {
    return this.#read().find((kek) => kek.id === id);
  }

  /**
   * Puts a new key in front, by which everything is sealed from now on; the others stay. On disk when it returns, for
   * what is sealed under a key that is lost is lost. The caller sees to it that nobody else does the same. Throws where
   * the file cannot be written, such as a mounted secret.
   */
  add(): void {
    const lines = [newKey(), ...this.#read().map(({ key }) => key.toString('base64'))];
    const file = realpathSync(this.#file);
    const aside = `${file}.next`;
    writeFileSync(aside, `${lines.join('\n')}\n`, { mode: 0o600, flush: true });
    renameSync(aside, file);
    const directory = openSync(dirname(file), 'r');
    fsyncSync(directory);
    closeSync(directory);
  }

  #read(): [KeyEncryptionKey, ...KeyEncryptionKey[]] {
    const [first = '', ...more] = readSecretFile(this.#file).split(/\r?\n/);
    return [this.#parse(first, 1), ...more.map((line, index) => this.#parse(line, index + 2))];
  }

  #parse(line: string, number: number): KeyEncryptionKey {
    const key = Buffer.from(line, 'base64');
    // Buffer passes over what is no base64, so only what it writes the same way was a key.
    if (key.length !== KEY_BYTES || key.toString('base64') !== line)
      throw new Error(`line ${number} of ${this.#file} is not a key of ${KEY_BYTES} bytes in base64.`);
    return { id: createHash('sha256').update(key).digest('hex').slice(0, 16), key };
  }
}

function newKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}
