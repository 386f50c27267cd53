import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, DomainError, newId, NotFoundError, ValidationError } from '#kernel';
import { IngestConfig, LakeConfig } from '#platform/config';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { removeAbandoned } from '#platform/host';
import type { Spooled } from '#platform/http';
import { ObjectMissingError, ObjectStore } from '#platform/storage';
import { extractFile, type UploadedFile } from './multipart.ts';
import { detectContent } from './upload-content.ts';
import { type UploadRow, UploadsRepository } from './uploads.repository.ts';

/** Longer than a run may take (`timeoutMs` of `ingest.run`). */
const MAX_WORK_MS = 2 * 3_600_000;

export interface UploadClaims {
  /** What the caller says the content is; absent: not checked. */
  readonly sha256: string | undefined;
  readonly size: number | undefined;
  readonly filename: string | undefined;
}

/** Files on their way into tables. What a file is, its content says. */
@Injectable()
export class UploadsService implements OnModuleInit {
  readonly #staging: string;

  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly uploads: UploadsRepository,
    private readonly config: IngestConfig,
    private readonly objects: ObjectStore,
    lake: LakeConfig,
  ) {
    this.#staging = join(lake.staging, 'uploads');
  }

  /** What a killed process left behind. */
  async onModuleInit(): Promise<void> {
    await removeAbandoned(this.#staging, this.clock.now(), MAX_WORK_MS);
  }

  /**
   * Stores a body, raw or multipart, outside of any transaction, for storage may be slow; returns its id, of which
   * nobody knows before `complete`. Throws 413 `payload_too_large`, 415 `unsupported_media_type`, 422
   * `checksum_mismatch`, `bad_multipart`, `archive_rejected`, `bad_input`.
   */
  async store(ctx: WorkspaceContext, spooled: Spooled, claims: UploadClaims): Promise<string> {
    const id = newId(this.clock);
    const path = await this.#staged();
    try {
      const file = await this.#place(spooled, path);
      if (file.bytes > this.config.maxUploadBytes)
        throw new DomainError(413, 'payload_too_large', {
          detail: `An upload has at most ${this.config.maxUploadBytes} bytes.`,
        });
      checkClaims(file, {
        ...claims,
        sha256: claims.sha256 ?? file.fields['sha256'],
        size: claims.size ?? numberOrUndefined(file.fields['size']),
      });
      const detected = await detectContent(path);
      const storageKey = `uploads/${ctx.orgId}/${id}`;
      // The row comes first and stays: should the process die before the end, it is what the expiry finds the bytes by.
      await this.tx.runSeparately(ctx, () =>
        this.uploads.reserve(ctx, {
          id,
          filename: plainFilename(claims.filename ?? file.filename),
          format: detected.format,
          compression: detected.compression,
          mediaType: detected.mediaType,
          bytes: file.bytes,
          sha256: file.sha256,
          storageKey,
        }),
      );
      await this.objects.put(storageKey, createReadStream(path));
      return id;
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Makes a stored upload usable. */
  complete(id: string): Promise<UploadRow> {
    return this.uploads.complete(id);
  }

  /** A usable upload. Throws 404 for an unknown one, 410 `upload_expired`. */
  async find(ctx: WorkspaceContext, id: string): Promise<UploadRow> {
    const upload = await this.uploads.find(ctx.workspaceId, id);
    if (!upload) throw new NotFoundError();
    if (upload.state === 'expired' || upload.expires_at.getTime() < this.clock.now()) throw expired();
    return upload;
  }

  /**
   * A file of its bytes for as long as the work lasts. Throws 410 `upload_expired`, 503 `dependency_unavailable`, and
   * the reason of a signal that aborts before the file is there.
   */
  async withFile<T>(
    { storage_key: key }: UploadRow,
    work: (path: string) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const path = await this.#staged();
    try {
      await this.objects.copyTo(key, path, signal).catch((error: unknown) => {
        throw error instanceof ObjectMissingError ? expired() : error;
      });
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  async #staged(): Promise<string> {
    await mkdir(this.#staging, { recursive: true });
    return join(this.#staging, newId(this.clock));
  }

  async #place(spooled: Spooled, path: string): Promise<UploadedFile> {
    const type = spooled.contentType ?? '';
    if (/^multipart\/form-data\b/i.test(type)) return extractFile(spooled.path, type, path);
    await rename(spooled.path, path).catch(async (error: NodeJS.ErrnoException) => {
      // The staging area may lie on another disk than the spool.
      if (error.code !== 'EXDEV') throw error;
      await copyFile(spooled.path, path);
    });
    return { path, bytes: spooled.bytes, sha256: spooled.sha256, filename: null, fields: {} };
  }
}

function expired(): DomainError {
  return new DomainError(410, 'upload_expired', { detail: 'Uploads are kept for 24 hours. Send the file again.' });
}

function checkClaims(file: UploadedFile, { sha256, size }: UploadClaims): void {
  if (sha256 !== undefined && sha256.toLowerCase() !== file.sha256)
    throw new DomainError(422, 'checksum_mismatch', { detail: `The content has the SHA-256 ${file.sha256}.` });
  if (size !== undefined && size !== file.bytes)
    throw new DomainError(422, 'checksum_mismatch', { detail: `The content has ${file.bytes} bytes.` });
}

function numberOrUndefined(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new ValidationError([{ pointer: '/size', code: 'type', message: 'must be a whole number of bytes' }]);
  return Number(text);
}

/** The last part of a name, without what could mislead a reader. Null when nothing is left. */
function plainFilename(name: string | null | undefined): string | null {
  const last = name
    ?.split(/[\\/]/)
    .pop()
    ?.normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, 255);
  return last || null;
}
