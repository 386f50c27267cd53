import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import { Allow, IsObject, ValidateIf } from 'class-validator';
import { z } from 'zod';
import { EnumField, InstantField, IntegerField, ObjectField, PageQuery, TextField, UuidField } from '#platform/http';
import {
  LimitsSchema,
  MappingSchema,
  ParseSchema,
  SourceSchema,
  TargetSchema,
  ValidationSchema,
} from '../ingest-options.ts';
import type { IngestRequest } from '../ingest-request.ts';
import { PRESET_NAMES } from '../reading/presets/index.ts';
import { RUN_STATUSES, TRIGGERS } from '../ingest-run.ts';

/** The JSON Schema of a part, as OpenAPI shows it. */
function shown(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

export class UploadQuery {
  @TextField({ optional: true, max: 255, example: 'sp500.csv' }) filename?: string;
  @TextField({
    optional: true,
    pattern: /^[0-9a-fA-F]{64}$/,
    example: undefined,
    description: 'SHA-256 of the file, to be checked.',
  })
  sha256?: string;
  @IntegerField({ optional: true, min: 0, example: undefined, description: 'Bytes of the file, to be checked.' })
  size?: number;
}

export class StartIngestBody {
  @ObjectField({
    schema: shown(SourceSchema),
    example: {
      kind: 'synthetic',
      model: 'gbm',
      seed: 42,
      vt_symbols: ['AAPL.NASDAQ'],
      interval: '1d',
      start: '2024-01-02',
      end: '2024-01-31',
    },
  })
  source!: Record<string, unknown>;
  @ObjectField({
    optional: true,
    schema: shown(TargetSchema),
    example: { namespace: 'silver_market', table: 'bars_daily', layer: 'silver' },
  })
  target?: Record<string, unknown>;
  @EnumField(PRESET_NAMES, {
    optional: true,
    example: undefined,
    description:
      'Vendor whose files the upload is of: names columns, formats, what prices are adjusted for, and how symbols ' +
      'are written. What the body says itself comes first. The preview recognises it.',
  })
  preset?: string;
  @ObjectField({ optional: true, schema: shown(ParseSchema), example: { delimiter: ',', header: true } })
  parse?: Record<string, unknown>;
  @ObjectField({
    optional: true,
    schema: shown(MappingSchema),
    example: { columns: { 'Adj Close': null }, constants: { vt_symbol: 'SPX.CBOE', interval: '1d' } },
  })
  mapping?: Record<string, unknown>;
  @TextField({
    optional: true,
    max: 64,
    example: 'America/New_York',
    description:
      'IANA zone of times without an offset, and of daily bars given as instants. Default: that of the exchange.',
  })
  timezone?: string;
  @ObjectField({
    optional: true,
    schema: shown(ValidationSchema),
    example: { profile: 'ohlcv', max_reject_ratio: 0.05, session: 'warn' },
  })
  validation?: Record<string, unknown>;
  @EnumField(['revision', 'skip', 'none'], { optional: true, example: 'revision' }) dedupe?:
    'revision' | 'skip' | 'none';
  @EnumField(['direct', 'staged'], { optional: true, example: 'direct' }) publish?: 'direct' | 'staged';
  /** Known, but not built: no part of what is documented, and answered with 501. */
  @ApiHideProperty()
  @ValidateIf((_, value) => value !== undefined)
  @IsObject()
  window?: Record<string, unknown>;
  @ObjectField({ optional: true, schema: shown(LimitsSchema), example: { max_rows: 1_000_000 } }) limits?: Record<
    string,
    unknown
  >;
  /** Made by CheckIngestPipe. */
  declare prepared: IngestRequest;
}

export class PreviewBody {
  @UuidField({
    optional: true,
    example: '018cc251-f400-7000-8000-0000000000aa',
    description: 'Short for the source of an upload.',
  })
  upload_id?: string;
  @ObjectField({ optional: true, schema: shown(SourceSchema), example: undefined }) source?: Record<string, unknown>;
  @ObjectField({ optional: true, schema: shown(TargetSchema), example: undefined }) target?: Record<string, unknown>;
  @EnumField(PRESET_NAMES, {
    optional: true,
    example: undefined,
    description:
      'Vendor whose files the upload is of: names columns, formats, what prices are adjusted for, and how symbols ' +
      'are written. What the body says itself comes first. The preview recognises it.',
  })
  preset?: string;
  @ObjectField({ optional: true, schema: shown(ParseSchema), example: { header: true } }) parse?: Record<
    string,
    unknown
  >;
  @ObjectField({
    optional: true,
    schema: shown(MappingSchema),
    example: { constants: { vt_symbol: 'SPX.CBOE', interval: '1d' } },
  })
  mapping?: Record<string, unknown>;
  @TextField({
    optional: true,
    max: 64,
    example: 'America/New_York',
    description:
      'IANA zone of times without an offset, and of daily bars given as instants. Default: that of the exchange.',
  })
  timezone?: string;
  @ObjectField({ optional: true, schema: shown(ValidationSchema), example: undefined }) validation?: Record<
    string,
    unknown
  >;
}

export class IngestBarsBody {
  @TextField({ each: { min: 1, max: 2_000 }, max: 64, example: ['AAPL.NASDAQ'] }) symbols!: string[];
  @TextField({ max: 10, example: '2024-01-02' }) start!: string;
  @TextField({ max: 10, example: '2024-12-31' }) end!: string;
  @TextField({ max: 8, example: '1d' }) interval!: string;
  /** Either form is checked with the run. */
  @Allow()
  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }],
    required: true,
    example: { kind: 'synthetic', model: 'gbm', seed: 42 },
    description: 'Name of a data source, or a source object.',
  })
  source!: string | Record<string, unknown>;
}

export class ListIngestRuns extends PageQuery {
  @EnumField(RUN_STATUSES, { optional: true, example: 'succeeded' }) status?: string;
  @EnumField(TRIGGERS, { optional: true, example: 'api' }) trigger?: string;
  @TextField({ optional: true, max: 63, example: 'bars_daily', description: 'Table of the target.' }) dataset?: string;
  @UuidField({ optional: true, example: undefined, description: 'Id of the pipeline that was run.' }) pipeline?: string;
  @InstantField({ optional: true, example: '2026-01-01T00:00:00Z' }) since?: string;
}

export class QuarantineQuery extends PageQuery {
  @EnumField(['json', 'ndjson', 'csv'], {
    optional: true,
    example: 'json',
    description: 'ndjson and csv answer with all rows.',
  })
  format?: 'json' | 'ndjson' | 'csv';
}
