import { Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';
import { ProgressConfig } from '#platform/config';

/** Open sockets per principal, organization and process (platform.md 9.6). */
@Injectable()
export class SocketPlaces {
  readonly #principals = new Map<string, number>();
  readonly #orgs = new Map<string, number>();
  #total = 0;

  constructor(private readonly config: ProgressConfig) {}

  /** Takes a place; the answer gives it back. Throws 429 `too_many_sockets`. */
  take(actor: string, orgId: string | null): () => void {
    const org = orgId ?? 'platform';
    if ((this.#principals.get(actor) ?? 0) >= this.config.socketsPerPrincipal)
      throw tooMany(`One principal has at most ${this.config.socketsPerPrincipal} sockets.`);
    if ((this.#orgs.get(org) ?? 0) >= this.config.socketsPerOrg)
      throw tooMany(`One organization has at most ${this.config.socketsPerOrg} sockets.`);
    if (this.#total >= this.config.socketsPerPod) throw tooMany('The service has no room for another socket.');
    add(this.#principals, actor, 1);
    add(this.#orgs, org, 1);
    this.#total += 1;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      add(this.#principals, actor, -1);
      add(this.#orgs, org, -1);
      this.#total -= 1;
    };
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function tooMany(detail: string): DomainError {
  return new DomainError(429, 'too_many_sockets', { detail, headers: { 'Retry-After': '10' } });
}
