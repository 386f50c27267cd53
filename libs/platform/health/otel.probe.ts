import { once } from 'node:events';
import { connect } from 'node:net';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TelemetryConfig } from '#platform/config';
import { HealthProbes } from './health-probes.ts';

/** The collector takes connections. Requests do without it. */
@Injectable()
export class OtelProbe implements OnModuleInit {
  constructor(
    private readonly probes: HealthProbes,
    private readonly config: TelemetryConfig,
  ) {}

  onModuleInit(): void {
    const { endpoint } = this.config;
    if (endpoint !== undefined)
      this.probes.add({ name: 'otel', hard: false, check: (signal) => reach(new URL(endpoint), signal) });
  }
}

async function reach({ hostname, port, protocol }: URL, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)), signal });
  try {
    await once(socket, 'connect', { signal });
  } finally {
    socket.destroy();
  }
}
