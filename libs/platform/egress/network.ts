import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Injectable } from '@nestjs/common';
import { buildConnector } from 'undici';

const CONNECT_MS = 3_000;

/** What egress takes from the machine: names and connections. Tests hand out addresses of their own. */
@Injectable()
export class Network {
  /** All addresses of a name. Rejects where there is none. */
  resolve(name: string): Promise<LookupAddress[]> {
    return lookup(name, { all: true });
  }

  /**
   * Opens connections to what `addresses` answers, which is asked once for each of them. `authority`: PEM of the only
   * authority to trust; without it those of Node.
   */
  connector(addresses: LookupFunction, authority?: string): buildConnector.connector {
    return buildConnector({
      lookup: addresses,
      ca: authority,
      // Said aloud, or NODE_TLS_REJECT_UNAUTHORIZED=0 would turn it off.
      rejectUnauthorized: true,
      allowH2: false,
      timeout: CONNECT_MS,
      // Also makes Node ask for all addresses of a name, whatever it is started with.
      autoSelectFamily: true,
    });
  }
}
