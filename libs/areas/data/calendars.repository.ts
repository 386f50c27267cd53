import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';

export interface CalendarRow {
  exchange: string;
  version: number;
  timezone: string;
  rule_set: string | null;
  sessions: Record<string, unknown>;
}

/** The newest version of every exchange's calendar. */
@Injectable()
export class CalendarsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async newest(after: string | null, limit: number): Promise<CalendarRow[]> {
    return this.tx.manager.query<CalendarRow[]>(
      `SELECT DISTINCT ON (exchange) exchange, version, timezone, rule_set, sessions FROM market_calendars
       WHERE ($1::text IS NULL OR exchange > $1) ORDER BY exchange, version DESC LIMIT $2`,
      [after, limit],
    );
  }
}
