import { Command, CommandRunner, Option, SubCommand } from 'nest-commander';
import { type ChainId, parseChain } from '#platform/audit';
import { Installation } from './installation.ts';
import { RedactCommand } from './redact.command.ts';
import { describeChains, verifyChains } from './verify-chains.ts';

interface VerifyOptions {
  chain?: ChainId;
  json?: boolean;
}

@SubCommand({
  name: 'verify',
  description: 'recompute the hash chains of the audit ledger; exits 1 and names the first bad row when one is broken',
})
export class AuditVerifyCommand extends CommandRunner {
  readonly #installation: Installation;

  constructor(installation: Installation) {
    super();
    this.#installation = installation;
  }

  async run(_: string[], { chain, json }: VerifyOptions): Promise<void> {
    const chains = await verifyChains(this.#installation, chain);
    const valid = chains.every((verification) => verification.valid);
    process.stdout.write(json ? `${JSON.stringify({ valid, chains })}\n` : describeChains(chains));
    if (!valid) process.exitCode = 1;
  }

  @Option({ flags: '--chain <chain>', description: '"platform" or "org:<uuid>"; all chains by default' })
  parseChain(text: string): ChainId {
    const chain = parseChain(text);
    if (!chain) throw new Error(`--chain is "platform" or "org:<uuid>", not "${text}".`);
    return chain;
  }

  @Option({
    flags: '--json',
    description: 'one line of JSON: {valid, chains: [{chain, from, to, checked, unsealed, valid, first_bad}]}',
  })
  parseJson(): boolean {
    return true;
  }
}

@Command({ name: 'audit', description: 'audit ledger', subCommands: [AuditVerifyCommand, RedactCommand] })
export class AuditCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
