import { Injectable, type WebSocketAdapter } from '@nestjs/common';

/**
 * Where the adapter of the sockets announces itself, so that the application has it before gateways are connected.
 * Processes without sockets have none.
 */
@Injectable()
export class SocketDoor {
  adapter: WebSocketAdapter | undefined;
}
