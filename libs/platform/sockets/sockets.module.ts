import { Global, Module } from '@nestjs/common';
import { SocketAdapter } from './socket-adapter.ts';
import { SocketGate } from './socket-gate.ts';
import { SocketMetrics } from './socket-metrics.ts';
import { SocketPlaces } from './socket-places.ts';
import { SocketSessions } from './socket-sessions.ts';
import { SocketTickets } from './socket-tickets.ts';

@Global()
@Module({
  providers: [SocketAdapter, SocketGate, SocketMetrics, SocketPlaces, SocketSessions, SocketTickets],
  exports: [SocketGate, SocketSessions, SocketTickets],
})
export class SocketsModule {}
