import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '#kernel';
import { ProgressConfig } from '#platform/config';
import type { AuthenticatedRequest } from '#platform/auth';

/** What a ticket stands for: the credential it was minted with, and the one place where it counts. */
export interface TicketGrant {
  readonly credential: AuthenticatedRequest;
  /** Path without query. */
  readonly path: string;
  /** `Origin` of the minting request, null when it had none. */
  readonly origin: string | null;
}

interface StoredTicket extends TicketGrant {
  readonly until: number;
}

/** 401 `invalid_ticket`: unknown, used, too old, or minted for another path or origin. */
export class InvalidTicketError extends DomainError {
  constructor() {
    super(401, 'invalid_ticket', {
      detail: 'The ticket is not valid here.',
      hint: 'POST /ws/tickets gives a new one; it counts once, for 30 seconds.',
    });
  }
}

/**
 * Single-use tickets for clients that cannot send an `Authorization` header with a socket (platform.md 9.2). They are
 * kept here and end with the process (platform.md 10.7).
 */
@Injectable()
export class SocketTickets {
  readonly #tickets = new Map<string, StoredTicket>();

  constructor(
    private readonly clock: Clock,
    private readonly config: ProgressConfig,
  ) {}

  mint(grant: TicketGrant): { ticket: string; expiresIn: number } {
    this.#forgetOld();
    const ticket = randomBytes(32).toString('base64url');
    this.#tickets.set(keyOf(ticket), { ...grant, until: this.clock.now() + this.config.ticketLifeMs });
    return { ticket, expiresIn: Math.round(this.config.ticketLifeMs / 1_000) };
  }

  /** The ticket is gone after the first use, right or wrong. */
  redeem(ticket: string, path: string, origin: string | null): AuthenticatedRequest {
    const key = keyOf(ticket);
    const stored = this.#tickets.get(key);
    this.#tickets.delete(key);
    if (!stored || stored.until <= this.clock.now() || stored.path !== path || stored.origin !== origin)
      throw new InvalidTicketError();
    return stored.credential;
  }

  /** Tickets live equally long, so the oldest come first. */
  #forgetOld(): void {
    const now = this.clock.now();
    for (const [key, { until }] of this.#tickets) {
      if (until > now) return;
      this.#tickets.delete(key);
    }
  }
}

/** Looked up by digest, so that the time of a lookup tells nothing about a ticket. */
function keyOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
