import type { MigrationInterface, QueryRunner } from 'typeorm';

const CALENDARS: readonly [exchange: string, timezone: string, ruleSet: string, opens: string, closes: string][] = [
  ...['NASDAQ', 'NYSE', 'ARCA', 'BATS', 'CBOE', 'SIM', 'LOCAL'].map(
    (exchange): [string, string, string, string, string] => [
      exchange,
      'America/New_York',
      'us_equity',
      '09:30',
      '16:00',
    ],
  ),
  ['LSE', 'Europe/London', 'lse', '08:00', '16:30'],
  ['CME', 'America/Chicago', 'cme', '17:00', '16:00'],
  ['BINANCE', 'UTC', '24x7', '00:00', '24:00'],
  ['COINBASE', 'UTC', '24x7', '00:00', '24:00'],
];

/**
 * Security master, corporate actions and calendars: reference data that every tenant shares (data.md 3.2, 14 C2, S2).
 */
export class DataReference1790000003001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE instruments (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        vt_symbol varchar(64) NOT NULL UNIQUE,
        ticker varchar(48) NOT NULL,
        exchange varchar(16) NOT NULL,
        asset_class text NOT NULL CHECK (asset_class IN ('equity', 'crypto', 'fx', 'future', 'option', 'index', 'commodity', 'bond', 'base')),
        security_type varchar(40) NOT NULL,
        instrument_class varchar(40),
        currency varchar(10),
        tick_size numeric(18, 9),
        multiplier numeric(18, 6) NOT NULL DEFAULT 1,
        lot_size numeric(18, 9),
        price_precision smallint,
        size_precision smallint,
        sector varchar(120),
        industry varchar(120),
        region varchar(80),
        is_active boolean NOT NULL DEFAULT true,
        listed_at date,
        delisted_at date,
        tags text[] NOT NULL DEFAULT '{}',
        meta jsonb NOT NULL DEFAULT '{}',
        row_version int NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL
      )`);
    await queryRunner.query(`
      CREATE TABLE corporate_actions (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        instrument_id uuid NOT NULL REFERENCES instruments (id),
        kind text NOT NULL CHECK (kind IN ('split', 'dividend', 'rename', 'merger', 'delisting')),
        ex_date date NOT NULL,
        ratio numeric(18, 9) CHECK (ratio > 0),
        cash_amount numeric(18, 9) CHECK (cash_amount >= 0),
        currency varchar(10),
        new_vt_symbol varchar(64),
        known_at timestamptz NOT NULL,
        source_id varchar(64) NOT NULL,
        UNIQUE (instrument_id, kind, ex_date, known_at)
      )`);
    await queryRunner.query(`
      CREATE TABLE market_calendars (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        exchange varchar(16) NOT NULL,
        version int NOT NULL,
        timezone varchar(64) NOT NULL,
        sessions jsonb NOT NULL,
        holidays date[] NOT NULL DEFAULT '{}',
        early_closes jsonb NOT NULL DEFAULT '{}',
        rule_set varchar(32),
        halts jsonb NOT NULL DEFAULT '[]',
        UNIQUE (exchange, version)
      )`);
    for (const [exchange, timezone, ruleSet, opens, closes] of CALENDARS) {
      const days = ruleSet === '24x7' ? [1, 2, 3, 4, 5, 6, 7] : [1, 2, 3, 4, 5];
      await queryRunner.query(
        'INSERT INTO market_calendars (exchange, version, timezone, sessions, rule_set) VALUES ($1, 1, $2, $3, $4)',
        [exchange, timezone, JSON.stringify(Object.fromEntries(days.map((day) => [day, [opens, closes]]))), ruleSet],
      );
    }
    await queryRunner.query('GRANT SELECT, INSERT, UPDATE ON instruments TO alphaswarm_app');
    await queryRunner.query('GRANT SELECT, INSERT ON corporate_actions TO alphaswarm_app');
    await queryRunner.query('GRANT SELECT ON market_calendars TO alphaswarm_app');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE market_calendars, corporate_actions, instruments');
  }
}
