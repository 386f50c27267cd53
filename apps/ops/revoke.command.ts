import { Command, CommandRunner, Option } from 'nest-commander';
import { Installation } from './installation.ts';
import { type Revocation, revokeTokens } from './revoke-tokens.ts';

@Command({
  name: 'revoke',
  arguments: '<kind> <id>',
  description: 'end what was issued until now: of a token, a subject or a directory tenant',
})
export class RevokeCommand extends CommandRunner {
  readonly #installation: Installation;

  constructor(installation: Installation) {
    super();
    this.#installation = installation;
  }

  async run([kind = '', id = '']: string[], options: Pick<Revocation, 'issuer' | 'reason'>): Promise<void> {
    await revokeTokens(this.#installation, { kind, id, ...options });
  }

  @Option({ flags: '--issuer <issuer>', description: 'the iss of its tokens; for a token or a subject' })
  parseIssuer(text: string): string {
    return text;
  }

  @Option({ flags: '--reason <reason>', description: 'kept beside the revocation and in the audit ledger' })
  parseReason(text: string): string {
    return text;
  }
}
