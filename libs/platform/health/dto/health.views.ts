import { BooleanField, EnumField, IntegerField, NestedField, ObjectField, TextField } from '#platform/http';

export class LivenessView {
  @EnumField(['ok', 'blocked']) status!: string;
}

export class ReadinessView {
  @EnumField(['ready', 'degraded', 'not_ready']) status!: string;
  @TextField({ each: true, example: [], description: 'Failed dependencies the service can do without.' })
  degraded!: string[];
  @ObjectField({
    example: { postgres: { ok: true, ms: 1 } },
    description: 'By name: whether it works, and how long the last check took.',
  })
  checks!: Record<string, { ok: boolean; ms: number }>;
}

export class ProbeView {
  @TextField({ example: 'postgres' }) name!: string;
  @BooleanField({ example: true, description: 'The service is not ready without it.' }) hard!: boolean;
  @BooleanField({ example: true }) ok!: boolean;
  @IntegerField({ min: 0, example: 1 }) ms!: number;
  @IntegerField({ min: 0, example: 0, description: 'Failed checks in a row.' }) failures!: number;
  @TextField({ nullable: true, example: null }) error!: string | null;
}

export class HealthDetailsView {
  @EnumField(['ready', 'degraded', 'not_ready']) status!: string;
  @NestedField(() => ProbeView, { each: true }) checks!: ProbeView[];
}
