import { createInterface } from 'node:readline';
import { type Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { DomainError, canonicalJson } from '#kernel';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { ArtifactStorage, ObjectMissingError } from '#platform/storage';
import { ArtifactsRepository, type ReadArtifact } from './artifacts.repository.ts';
import type { ArtifactKind } from './engine/encode-artifacts.ts';

/** Reads the rows of a finished run, wherever they are kept. */
@Injectable()
export class ArtifactReader {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly artifacts: ArtifactsRepository,
    private readonly storage: ArtifactStorage,
  ) {}

  /** The artifact's row. Throws 409 `run_not_completed` while there is none. */
  async find(ctx: RequestContext, backtestId: string, kind: ArtifactKind): Promise<ReadArtifact> {
    const artifact = await this.findKept(ctx, backtestId, kind);
    if (!artifact)
      throw new DomainError(409, 'run_not_completed', {
        detail: 'The run has no such result: it is not completed, or was asked not to keep it.',
      });
    return artifact;
  }

  /** The artifact's row, if the run has one. */
  async findKept(ctx: RequestContext, backtestId: string, kind: ArtifactKind): Promise<ReadArtifact | undefined> {
    return this.tx.run(ctx, () => this.artifacts.find(backtestId, kind));
  }

  /**
   * Canonical JSON lines in the order of the run, without line ends. Memory does not grow with the artifact. Throws 410
   * `artifact_gone` where the bytes are no longer in storage.
   */
  async *lines(artifact: ReadArtifact): AsyncGenerator<string> {
    if (artifact.inline) {
      for (const row of artifact.inline) yield canonicalJson(row);
      return;
    }
    if (!artifact.uri) throw new Error(`artifact ${artifact.sha256} has neither rows nor an address`);
    const input = await this.#inflated(artifact.uri);
    try {
      yield* createInterface({ input, crlfDelay: Infinity });
    } finally {
      input.destroy();
    }
  }

  /** The whole artifact as its NDJSON bytes, in memory that threads can share. */
  async bytes(artifact: ReadArtifact): Promise<Uint8Array> {
    const bytes = new Uint8Array(new SharedArrayBuffer(artifact.bytes));
    let at = 0;
    for await (const piece of this.#pieces(artifact)) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  async *#pieces(artifact: ReadArtifact): AsyncGenerator<Uint8Array> {
    if (artifact.inline) for await (const line of this.lines(artifact)) yield Buffer.from(`${line}\n`);
    else if (artifact.uri) yield* (await this.#inflated(artifact.uri)) as AsyncIterable<Uint8Array>;
  }

  /** What breaks the file breaks the stream, and who stops reading closes the file. */
  async #inflated(uri: string): Promise<Readable> {
    const packed = await this.#packed(uri);
    const inflated = createGunzip();
    pipeline(packed, inflated, () => undefined);
    return inflated;
  }

  async #packed(uri: string): Promise<Readable> {
    try {
      return await this.storage.stream(uri);
    } catch (error) {
      if (!(error instanceof ObjectMissingError)) throw error;
      throw new DomainError(410, 'artifact_gone', {
        detail: 'The run has this result, but its bytes are no longer in storage. Run it again to have them.',
        cause: error,
      });
    }
  }

  /** Rows `from` (inclusive) to `to` (exclusive), counted from 0 in the order of the run. */
  async slice(artifact: ReadArtifact, from: number, to: number): Promise<Record<string, unknown>[]> {
    if (artifact.inline) return artifact.inline.slice(from, to);
    const rows: Record<string, unknown>[] = [];
    let index = 0;
    for await (const line of this.lines(artifact)) {
      if (index >= to) break;
      if (index >= from) rows.push(JSON.parse(line) as Record<string, unknown>);
      index++;
    }
    return rows;
  }
}
