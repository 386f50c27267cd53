import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts', 'services', 'minio');
const NOT_HERE = 77;

/** A MinIO of its own on a free port, by scripts/services/minio. */
export class Minio {
  readonly port: number;
  readonly directory: string;
  /** Settings of the service, such as ALPHASWARM_S3_BUCKET. */
  readonly settings: Record<string, string> = {};

  private constructor(port: number) {
    this.port = port;
    this.directory = mkdtempSync(join(tmpdir(), 'alphaswarm-minio-'));
  }

  /** The running server, or the line that says why it cannot be had here. */
  static async start(): Promise<Minio | string> {
    const minio = new Minio(await freePort());
    const told = minio.up();
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
