import { createPrivateKey, createPublicKey } from 'node:crypto';
import { hashCanonical } from '#kernel';
import { GENESIS_HASH, entryHash, outcomePayloadHash } from './audit-entry.ts';
import { CheckpointKeys } from './sealing/checkpoint-keys.ts';
import { keyIdOf, publicKeyOf, signCheckpoint, verifyCheckpoint } from './sealing/checkpoint-signature.ts';

const CHAIN = 'org:00000000-0000-0000-0000-000000000001';
const E1 = {
  action: 'membership.grant',
  actor: 'user:00000000-0000-0000-0000-000000000003',
  at: '2026-01-02T03:04:05.678Z',
  chain: CHAIN,
  kind: 'intent',
  payload_sha256: '341b4342bc094cced336d123aba9b66b60c3f373b5c5f05a3a0dee082b6839bb',
  run_id: '018cc251-f400-7000-8000-000000000001',
  seq: 1,
  target: 'workspace:00000000-0000-0000-0000-000000000004',
  v: 1,
};
const E1_HASH = '1d23c8a3a00e5b821e5ac0ef8a67184668b6547e09411191e1f2e5142e58a344';
const E2_HASH = '71ad81b63cd3d36ef54bc6880a303c1d5006ec2e75f92fee97b3388b7644fce9';

/** RFC 8032 7.1, test 1, as PKCS #8. */
const RFC8032_KEY = createPrivateKey({
  key: Buffer.from(
    `302e020100300506032b657004220420${'9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'}`,
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});
const E2_SIGNATURE =
  '201d0c75a731ce74af64e8213a94d0110e5c241b5201d72970c82f010bb4ed0e58e74a3196216bc50ee7def1ed189ba0882199141b1f97' +
  '26d835c610a5dc940d';

describe('the hash chain', () => {
  it('has the hashes of platform.md 7.4', () => {
    expect(hashCanonical({ role: 'editor' })).toBe(E1.payload_sha256);
    expect(entryHash(GENESIS_HASH, E1)).toBe(E1_HASH);
    const payload_sha256 = outcomePayloadHash('succeeded', null);
    expect(payload_sha256).toBe('f24874c0a20560e8a002a58d258bae2e4d0b92a9c69139de3adada7d3ef9b1d4');
    expect(entryHash(E1_HASH, { ...E1, kind: 'outcome', seq: 2, at: '2026-01-02T03:04:05.712Z', payload_sha256 })).toBe(
      E2_HASH,
    );
  });

  it('has null where a security entry has nothing', () => {
    const payload_sha256 = hashCanonical({ provider: 'entra', reason: 'audience', suppressed: 0 });
    const body = {
      action: 'auth.rejected',
      actor: 'anonymous',
      at: '2026-01-02T03:04:06.000Z',
      chain: 'platform',
      kind: 'security',
      payload_sha256,
      run_id: null,
      seq: 1,
      target: null,
      v: 1,
    };
    expect(payload_sha256).toBe('7a1b2541de5e477bb1c20145a275a7dec40980a215706ab48c619f2fe0e411cc');
    expect(entryHash(GENESIS_HASH, body)).toBe('c5056f435ecbbbc13a701cb1ef6bd627aa840d52b2a602273fe123647c2081dc');
  });
});

describe('a checkpoint', () => {
  it('has the signature of platform.md 7.4', () => {
    expect(createPublicKey(RFC8032_KEY).export({ format: 'der', type: 'spki' }).toString('hex')).toContain('d75a9801');
    expect(signCheckpoint(RFC8032_KEY, CHAIN, 2, E2_HASH)).toBe(E2_SIGNATURE);
    expect(verifyCheckpoint(createPublicKey(RFC8032_KEY), CHAIN, 2, E2_HASH, E2_SIGNATURE)).toBe(true);
    expect(verifyCheckpoint(createPublicKey(RFC8032_KEY), CHAIN, 3, E2_HASH, E2_SIGNATURE)).toBe(false);
  });

  it('is believed only when a trusted key signed it', () => {
    const other = publicKeyOf('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const keys = new CheckpointKeys(RFC8032_KEY, [other]);
    const signed = keys.sign(CHAIN, 2, E2_HASH);
    expect(signed.signature).toBe(E2_SIGNATURE);
    expect(keys.verify(signed)).toBe(true);
    expect(keys.verify({ ...signed, key_id: keyIdOf(other) })).toBe(false);
    expect(keys.verify({ ...signed, key_id: 'nobody' })).toBe(false);
    expect(keys.verify({ ...signed, signature: 'f'.repeat(128) })).toBe(false);
  });
});
