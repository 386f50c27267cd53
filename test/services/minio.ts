import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../acceptance/support/service.ts';

const run = promisify(execFile);
const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts', 'services', 'minio');
const NOT_HERE = 77;

/** A MinIO of its own on a free port, by scripts/services/minio. */
export class Minio {
  readonly port: number;
  readonly directory: string;
  /** Settings of the service, such as ALPHASWARM_S3_BUCKET. */
  readonly settings: Record<string, string> = {};

  private constructor(port: number, parent: string) {
    this.port = port;
    this.directory = mkdtempSync(join(parent, 'alphaswarm-minio-'));
  }

  /** The running server with its data below `parent`, or the line that says why it cannot be had here. */
  static async start(parent = tmpdir()): Promise<Minio | string> {
    const minio = new Minio(await freePort(), parent);
    const told = minio.up();
    if (told !== undefined) await minio.remove();
    return told ?? minio;
  }

  /** Starts it, again too, on the same port and data. Returns why it cannot be had here. */
  up(): string | undefined {
    const { status, stdout, stderr } = spawnSync(join(SCRIPTS, 'up'), [String(this.port), this.directory], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status === NOT_HERE) return stderr.trim();
    if (status !== 0) throw new Error(`MinIO did not start: ${stderr}`);
    for (const line of stdout.trim().split('\n')) {
      const at = line.indexOf('=');
      this.settings[line.slice(0, at)] = line.slice(at + 1);
    }
    return undefined;
  }

  async down(): Promise<void> {
    await run(join(SCRIPTS, 'down'), [this.directory]);
  }

  /** Stops it and removes its data. */
  async remove(): Promise<void> {
    await this.down();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
