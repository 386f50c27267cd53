import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type TenantScope, TenantTransaction } from '#platform/database';
import type { ChainId } from '../chain.ts';
import { CheckpointKeys } from '../sealing/checkpoint-keys.ts';
import { ChainRepository } from './chain.repository.ts';
import { type LedgerRow, type Verification, verifyChain } from './verify-chain.ts';

/** Hashing goes on for so long before other work gets its turn. */
const TURN_MS = 8;

/** Verifies chains of any length: a page of rows is in memory, and no transaction stays open between pages. */
@Injectable()
export class ChainVerifier {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly repository: ChainRepository,
    private readonly keys: CheckpointKeys,
  ) {}

  /** Every chain of the installation. */
  chains(): Promise<ChainId[]> {
    return this.tx.run({ orgId: null, platformRead: true }, () => this.repository.chains());
  }

  /** `scope` must see the chain. `to` null: to its end. */
  async verify(scope: TenantScope, chain: ChainId, from = 1, to: number | null = null): Promise<Verification> {
    const { unsealed, ...limits } = await this.tx.run(scope, () => this.repository.limits(chain));
    const end = Math.max(limits.head?.seq ?? 0, limits.newestCheckpoint, limits.lastSeq);
    return verifyChain({
      chain,
      from,
      to,
      limits,
      unsealed,
      rows: this.#rows(scope, chain, from, Math.min(to ?? end, end)),
      verifySignature: (seq, checkpoint) => this.keys.verify({ chain_id: chain, seq, ...checkpoint }),
    });
  }

  async *#rows(scope: TenantScope, chain: ChainId, from: number, to: number): AsyncGenerator<LedgerRow> {
    let turn = performance.now();
    for (let next = from; next <= to;) {
      const page = await this.tx.run(scope, () => this.repository.page(chain, next, to));
      for (const row of page) {
        yield row;
        next = row.seq + 1;
        if (performance.now() - turn > TURN_MS) {
          await setImmediate();
          turn = performance.now();
        }
      }
      if (page.length < this.repository.pageSize) return;
    }
  }
}
