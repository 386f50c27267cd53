import type { EnvReader } from './env-reader.ts';

/** Progress sockets (platform.md 9). Times in milliseconds, sizes in bytes. */
export class ProgressConfig {
  readonly socketsPerPrincipal: number;
  readonly socketsPerOrg: number;
  readonly socketsPerPod: number;
  /** Frames a client may send per second; more close the socket with 4429. */
  readonly clientFramesPerSecond: number;
  readonly maxClientFrameBytes: number;
  readonly ticketLifeMs: number;
  /** Ping, and the `heartbeat` control frame after as much silence. */
  readonly heartbeatMs: number;
  /** How often a socket's access is checked again. With the age of the grants it stays below 60 s. */
  readonly recheckMs: number;
  /** Above so many unsent bytes frames are coalesced. */
  readonly coalesceBytes: number;
  /** Above so many unsent bytes the socket is closed with 4008. */
  readonly maxBufferedBytes: number;
  /** A socket that takes nothing for so long is closed with 4008. */
  readonly stallMs: number;
  /** Over how long the sockets are closed when the service drains. */
  readonly drainMs: number;

  constructor(env: EnvReader) {
    this.socketsPerPrincipal = env.integer('ALPHASWARM_SOCKETS_PER_PRINCIPAL', 20, { min: 1 });
    this.socketsPerOrg = env.integer('ALPHASWARM_SOCKETS_PER_ORG', 500, { min: 1 });
    this.socketsPerPod = env.integer('ALPHASWARM_SOCKETS_PER_POD', 5_000, { min: 1 });
    this.clientFramesPerSecond = env.integer('ALPHASWARM_SOCKET_FRAMES_PER_SECOND', 10, { min: 1 });
    this.maxClientFrameBytes = env.integer('ALPHASWARM_SOCKET_MAX_FRAME_BYTES', 4_096, { min: 128 });
    this.ticketLifeMs = env.integer('ALPHASWARM_SOCKET_TICKET_MS', 30_000, { min: 100 });
    this.heartbeatMs = env.integer('ALPHASWARM_SOCKET_HEARTBEAT_MS', 20_000, { min: 100 });
    this.recheckMs = env.integer('ALPHASWARM_SOCKET_RECHECK_MS', 25_000, { min: 100, max: 30_000 });
    this.coalesceBytes = env.integer('ALPHASWARM_SOCKET_COALESCE_BYTES', 1_048_576, { min: 65_536 });
    this.maxBufferedBytes = env.integer('ALPHASWARM_SOCKET_MAX_BUFFERED_BYTES', 4_194_304, { min: 131_072 });
    this.stallMs = env.integer('ALPHASWARM_SOCKET_STALL_MS', 30_000, { min: 100 });
    this.drainMs = env.integer('ALPHASWARM_SOCKET_DRAIN_MS', 10_000, { min: 0 });
  }
}
