import type { LookupAddress } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';
import type { buildConnector } from 'undici';
import { Network } from '../network.ts';
import { isPublic } from '../public-address.ts';

/**
 * An internet on this machine: names as a test gives them, every public address is 127.0.0.1, and an address that is
 * not public is itself, so that a connection to it would be made.
 */
export class PlayedNetwork extends Network {
  /** Answers for a name, one for each time that it is asked; the last goes on. */
  readonly names = new Map<string, string[][]>();
  /** Names in the order in which they were asked. */
  readonly asked: string[] = [];
  /** What connections were made to. */
  readonly dialed: string[] = [];

  constructor(private readonly authority: string) {
    super();
  }

  override async resolve(name: string): Promise<LookupAddress[]> {
    this.asked.push(name);
    const answers = this.names.get(name) ?? [];
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    if (addresses === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return addresses.map((address) => ({ address, family: isIP(address) }));
  }

  override connector(addresses: LookupFunction): buildConnector.connector {
    const dialed: LookupFunction = (name, options, answer) =>
      addresses(name, options, (error, judged) => {
        if (error !== null) return answer(error, []);
        const dialing = (judged as LookupAddress[]).map(({ address }) => address);
        this.dialed.push(...dialing);
        const here = dialing.map((address) => (isPublic(address) ? '127.0.0.1' : address));
        answer(
          null,
          here.map((address) => ({ address, family: isIP(address) })),
        );
      });
    return super.connector(dialed, this.authority);
  }
}
