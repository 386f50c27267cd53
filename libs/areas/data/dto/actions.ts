import { DateField, EnumField, InstantField, NumberField, TextField, UuidField } from '#platform/http';

export const ACTION_KINDS = ['split', 'dividend', 'rename', 'merger', 'delisting'] as const;

export class AddActionBody {
  @EnumField(ACTION_KINDS, { example: 'split' }) kind!: (typeof ACTION_KINDS)[number];
  @DateField({ example: '2024-06-10' }) ex_date!: string;
  @NumberField({
    optional: true,
    min: 1e-9,
    max: 1e8,
    example: 4,
    description:
      'New shares per old one. A split needs it; of a merger it is how many shares of `new_vt_symbol` one share ' +
      'becomes. 1 withdraws, except of a merger.',
  })
  ratio?: number;
  @NumberField({
    optional: true,
    min: 0,
    max: 1e8,
    example: undefined,
    description:
      'Cash per share held before the ex-date, so before a split of the same day, in total for that date. A ' +
      'dividend needs it; of a merger it is what a share pays. 0 withdraws.',
  })
  cash_amount?: number;
  @TextField({ optional: true, max: 10, pattern: /^[A-Z0-9]{2,10}$/, example: 'USD' }) currency?: string;
  @TextField({
    optional: true,
    max: 64,
    example: undefined,
    description: 'A rename needs it, and a merger with a ratio.',
  })
  new_vt_symbol?: string;
  @InstantField({
    optional: true,
    example: '2024-06-01T00:00:00Z',
    description: 'When it became known: now unless earlier.',
  })
  known_at?: string;
}

export class CorporateActionView {
  @UuidField() id!: string;
  @TextField({ example: 'NVDA.NASDAQ' }) vt_symbol!: string;
  @EnumField(ACTION_KINDS, { example: 'split' }) kind!: string;
  @DateField({ example: '2024-06-10' }) ex_date!: string;
  @NumberField({ nullable: true, example: 4 }) ratio!: number | null;
  @NumberField({ nullable: true, example: null }) cash_amount!: number | null;
  @TextField({ nullable: true, example: null }) currency!: string | null;
  @TextField({ nullable: true, example: null }) new_vt_symbol!: string | null;
  @InstantField() known_at!: string;
  @TextField({ example: 'api' }) source_id!: string;
}
