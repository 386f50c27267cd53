import { Command, CommandRunner, SubCommand } from 'nest-commander';
import { Installation } from './installation.ts';
import { describeRotation, rotateKek } from './rotate-kek.ts';

@SubCommand({
  name: 'rotate',
  description: 'put a new key-encryption key in front and rewrap all keys; goes on where it was broken off',
})
export class KekRotateCommand extends CommandRunner {
  readonly #installation: Installation;

  constructor(installation: Installation) {
    super();
    this.#installation = installation;
  }

  async run(): Promise<void> {
    const result = await rotateKek(this.#installation);
    process.stdout.write(describeRotation(result));
    if (result.refused.length > 0) process.exitCode = 1;
  }
}

@Command({ name: 'kek', description: 'key-encryption keys', subCommands: [KekRotateCommand] })
export class KekCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
