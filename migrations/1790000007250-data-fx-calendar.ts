import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The exchange FX: one session a weekday, from 17:00 New York of the day before (docs/adr/0023). */
export class DataFxCalendar1790000007250 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const sessions = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, ['17:00', '17:00']]));
    await queryRunner.query(
      "INSERT INTO market_calendars (exchange, version, timezone, sessions, rule_set) VALUES ('FX', 1, 'America/New_York', $1, 'fx')",
      [JSON.stringify(sessions)],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DELETE FROM market_calendars WHERE exchange = 'FX'");
  }
}
