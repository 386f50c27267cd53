export { asyncApiDocument } from './asyncapi-document.ts';
export { SocketGate, type Admission, type SocketRequest } from './socket-gate.ts';
export { CLOSE, SUBPROTOCOL, type SocketSession } from './socket-session.ts';
export { SocketSessions } from './socket-sessions.ts';
export { SocketTickets } from './socket-tickets.ts';
export { SocketsModule } from './sockets.module.ts';
export { TaskFeed, type FedTask } from './task-feed.ts';
