import { Command, CommandRunner } from 'nest-commander';
import { Installation } from './installation.ts';
import { migrateInstallation } from './migrate-installation.ts';

@Command({ name: 'migrate', description: 'create the database roles and run pending migrations' })
export class MigrateCommand extends CommandRunner {
  readonly #installation: Installation;

  constructor(installation: Installation) {
    super();
    this.#installation = installation;
  }

  async run(): Promise<void> {
    const ran = await migrateInstallation(this.#installation);
    process.stdout.write(
      ran.length === 0
        ? 'The schema is up to date.\n'
        : `Ran ${ran.length} migrations:\n${ran.map((name) => `  ${name}\n`).join('')}`,
    );
  }
}
