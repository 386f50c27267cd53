import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  NestedField,
  ObjectField,
  TextField,
  UuidField,
} from '#platform/http';
import { RUN_STATUSES } from './audit.requests.ts';

const HASH = '1d23c8a3a00e5b821e5ac0ef8a67184668b6547e09411191e1f2e5142e58a344';
const CHAIN = 'org:018cc251-f400-7000-8000-0000000000cc';

/** What the API shows of workload runs, ledger entries and checkpoints (platform.md 6, 7.4, 8.5). */
export class WorkloadRunView {
  @UuidField() id!: string;
  @UuidField({ nullable: true }) org_id!: string | null;
  @TextField({ example: 'strategy.create' }) action!: string;
  @TextField({ nullable: true, example: 'workspace:018cc251-f400-7000-8000-0000000000bb' }) target!: string | null;
  @TextField({ example: 'user:018cc251-f400-7000-8000-0000000000aa' }) actor!: string;
  @TextField({ nullable: true, example: '018cc251-f400-7000-8000-0000000000aa' }) started_by_user_id!: string | null;
  @EnumField(RUN_STATUSES, { example: 'succeeded' }) status!: string;
  @TextField({ nullable: true, example: null }) error_code!: string | null;
  @ObjectField({
    nullable: true,
    example: { name: 'Golden cross' },
    description: 'Redacted; null where it was erased.',
  })
  payload!: Record<string, unknown> | null;
  @ObjectField({ nullable: true, example: { id: '018cc251-f400-7000-8000-0000000000dd' } }) result!: Record<
    string,
    unknown
  > | null;
  @ObjectField({ nullable: true, example: { provider: 'local', acr: 'high', auth_time: 1767323045 } }) auth!: Record<
    string,
    unknown
  > | null;
  @TextField({ example: '018cc251-f400-7000-8000-0000000000ee' }) request_id!: string;
  @TextField({ nullable: true, example: null }) trace_id!: string | null;
  @TextField({ nullable: true, example: '127.0.0.1' }) source_ip!: string | null;
  @TextField({ nullable: true, example: null }) idempotency_key!: string | null;
  @InstantField() started_at!: string;
  @InstantField({ nullable: true }) ended_at!: string | null;
}

export class LedgerEntryView {
  @IntegerField({ min: 1, nullable: true, example: 7, description: 'Place in the chain; null until it is sealed.' })
  seq!: number | null;
  @TextField({ example: CHAIN }) chain!: string;
  @EnumField(['intent', 'outcome', 'security'], { example: 'intent' }) kind!: string;
  @InstantField() at!: string;
  @ObjectField({
    example: { v: 1, kind: 'intent', action: 'strategy.create' },
    description: 'What is hashed, by RFC 8785.',
  })
  body!: Record<string, unknown>;
  @TextField({ nullable: true, example: '0'.repeat(64) }) prev_hash!: string | null;
  @TextField({ nullable: true, example: HASH }) entry_hash!: string | null;
}

export class WorkloadRunDetail extends WorkloadRunView {
  @NestedField(() => LedgerEntryView, { each: true }) entries!: LedgerEntryView[];
}

export class FirstBad {
  @IntegerField({ min: 1, example: 7 }) seq!: number;
  @EnumField(['gap', 'link_break', 'hash_mismatch', 'checkpoint_mismatch', 'payload_mismatch', 'truncated'], {
    example: 'hash_mismatch',
  })
  reason!: string;
}

export class ChainVerification {
  @TextField({ example: CHAIN }) chain!: string;
  @IntegerField({ min: 1, example: 1 }) from!: number;
  @IntegerField({ min: 0, example: 20 }) to!: number;
  @IntegerField({ min: 0, example: 20, description: 'Entries that were recomputed, a bad one included.' })
  checked!: number;
  @IntegerField({ min: 0, example: 0, description: 'Committed entries that wait for their place.' }) unsealed!: number;
  @BooleanField({ example: true }) valid!: boolean;
  @NestedField(() => FirstBad, { nullable: true }) first_bad!: FirstBad | null;
}

export class CheckpointView {
  @TextField({ example: CHAIN }) chain!: string;
  @IntegerField({ min: 1, example: 1000 }) seq!: number;
  @TextField({ example: HASH, description: '`entry_hash` of that entry.' }) hash!: string;
  @TextField({
    example: 'ab'.repeat(64),
    description: 'Ed25519 over the RFC 8785 form of `{chain, hash, seq, v: 1}`, lower-case hex.',
  })
  signature!: string;
  @TextField({ example: '21fe31dfa154a261' }) key_id!: string;
  @TextField({
    nullable: true,
    example: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    description: 'Null for a key that is not trusted here.',
  })
  public_key!: string | null;
  @InstantField() created_at!: string;
  @InstantField({ nullable: true, example: null }) exported_at!: string | null;
  @TextField({ nullable: true, example: null }) location!: string | null;
}
