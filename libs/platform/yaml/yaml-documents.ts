import { extname } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Threads } from '#platform/threads';
import { InvalidYamlError, parseYamlDocument } from './parse-yaml-document.ts';
import type { ReadYaml } from './yaml-document.worker.ts';

/** The parser takes up to 14 microseconds per character of hostile text, and the event loop shall never be held up for 20 ms. */
const THREAD_LENGTH = 1_024;

/** Reads YAML for somebody who waits; longer texts in a thread. */
@Injectable()
export class YamlDocuments {
  constructor(private readonly threads: Threads) {}

  /** Throws InvalidYamlError. */
  async parse(text: string): Promise<Record<string, unknown>> {
    if (text.length <= THREAD_LENGTH) return parseYamlDocument(text);
    const read = await this.threads.run<ReadYaml>(new URL(`./yaml-document.worker${extname(import.meta.url)}`, import.meta.url), { text }, { lane: 'interactive' });
    if ('document' in read) return read.document;
    const { fault, line, column } = read.refusal;
    throw new InvalidYamlError(fault, line, column);
  }
}
