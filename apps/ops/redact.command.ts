import { text } from 'node:stream/consumers';
import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { EnvironmentConfig, loadTopic } from '#platform/config';
import { Installation } from './installation.ts';
import { redactInput } from './redact-input.ts';

interface RedactOptions {
  unsafePrintTokenPrefixes?: boolean;
}

@SubCommand({ name: 'redact', description: 'print standard input, JSON or text, as the audit ledger would keep it' })
export class RedactCommand extends CommandRunner {
  readonly #installation: Installation;

  constructor(installation: Installation) {
    super();
    this.#installation = installation;
  }

  async run(_: string[], { unsafePrintTokenPrefixes: prefixes = false }: RedactOptions): Promise<void> {
    if (prefixes && !process.stdout.isTTY && loadTopic(EnvironmentConfig, this.#installation.env).name === 'prod') {
      throw new Error('--unsafe-print-token-prefixes needs a terminal in production.');
    }
    process.stdout.write(await redactInput(this.#installation, await text(process.stdin), prefixes));
  }

  @Option({
    flags: '--unsafe-print-token-prefixes',
    description: 'show the first 4 characters of secrets of 16 or more; the use is recorded',
  })
  parsePrefixes(): boolean {
    return true;
  }
}
