import { gzipSync } from 'node:zlib';
import { canonicalJson, sha256Hex } from '#kernel';
import { type BacktestArtifacts, comparisonRows, equityRows, signalRows } from '#quant';

export type ArtifactKind = 'equity' | 'orders' | 'fills' | 'signals' | 'round_trips' | 'comparison' | 'event_log';

/**
 * One artifact, ready to be stored: small ones as JSON rows, large ones as gzip NDJSON. `sha256` and `bytes` are of the
 * NDJSON.
 */
export interface EncodedArtifact {
  kind: ArtifactKind;
  rows: number;
  bytes: number;
  sha256: string;
  inline: string | null;
  packed: Uint8Array | null;
}

/** Up to this size an artifact lives in its row (trading.md 3.2). */
const INLINE_BYTES = 262_144;
/** Lines are joined to pieces of about this many rows, so that no intermediate text grows with the run. */
const ROWS_PER_PIECE = 4_096;

/** Rows as NDJSON of canonical JSON: the same run gives the same bytes. */
export function encodeArtifacts(artifacts: BacktestArtifacts): EncodedArtifact[] {
  const encoded = [
    encodeRows('equity', equityRows(artifacts.equity)),
    encodeRows('orders', artifacts.orders),
    encodeRows('fills', artifacts.fills),
    encodeRows('signals', signalRows(artifacts.signals)),
    encodeRows('round_trips', artifacts.roundTrips),
    encodeRows('comparison', comparisonRows(artifacts.comparison)),
  ];
  if (artifacts.eventLog) encoded.push(encodeNdjson('event_log', artifacts.eventLog));
  return encoded;
}

function encodeRows(kind: ArtifactKind, rows: Iterable<object>): EncodedArtifact {
  const pieces: Buffer[] = [];
  let lines: string[] = [];
  for (const row of rows) {
    lines.push(canonicalJson(row));
    if (lines.length === ROWS_PER_PIECE) {
      pieces.push(Buffer.from(`${lines.join('\n')}\n`));
      lines = [];
    }
  }
  if (lines.length > 0) pieces.push(Buffer.from(`${lines.join('\n')}\n`));
  return encodeNdjson(kind, Buffer.concat(pieces));
}

function encodeNdjson(kind: ArtifactKind, ndjson: Uint8Array): EncodedArtifact {
  const small = ndjson.length <= INLINE_BYTES;
  let rows = 0;
  for (const byte of ndjson) if (byte === 10) rows++;
  return {
    kind,
    rows,
    bytes: ndjson.length,
    sha256: sha256Hex(ndjson),
    inline: small ? `[${Buffer.from(ndjson).toString().trimEnd().replaceAll('\n', ',')}]` : null,
    packed: small ? null : gzipSync(ndjson, { level: 6 }),
  };
}
