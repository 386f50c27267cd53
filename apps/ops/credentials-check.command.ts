import { Command, CommandRunner, Option, SubCommand } from 'nest-commander';
import { checkCredentials, describeCredentials } from './check-credentials.ts';
import { Installation } from './installation.ts';

@SubCommand({
  name: 'check',
  description: 'say which credentials an organization has for a service; exits 1 when one does not open',
})
export class CredentialsCheckCommand extends CommandRunner {
  readonly #installation: Installation;

  constructor(installation: Installation) {
    super();
    this.#installation = installation;
  }

  async run(_: string[], { org, service }: { org: string; service: string }): Promise<void> {
    const credentials = await checkCredentials(this.#installation, org, service);
    process.stdout.write(describeCredentials(credentials));
    if (credentials.some(({ state }) => state !== 'opens')) process.exitCode = 1;
  }

  @Option({ flags: '--org <slug>', description: 'slug of the organization', required: true })
  parseOrg(text: string): string {
    return text;
  }

  @Option({ flags: '--service <name>', description: 'such as openai', required: true })
  parseService(text: string): string {
    return text;
  }
}

@Command({ name: 'credentials', description: 'credentials of tenants', subCommands: [CredentialsCheckCommand] })
export class CredentialsCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
