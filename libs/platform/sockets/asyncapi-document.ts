import { MAX_FRAME_BYTES, TERMINAL_STAGES } from '#platform/progress';
import { SUBPROTOCOL } from './socket-session.ts';

type Schema = Record<string, unknown>;

const TASK_ID: Schema = { type: 'string', format: 'uuid' };
const SEQ: Schema = { type: 'integer', minimum: 1 };

interface Message {
  summary: string;
  properties: Record<string, Schema>;
  required: string[];
  /** Further members are allowed. */
  open?: boolean;
  example: Record<string, unknown>;
}

const TASK = '018cc251-f400-7000-8000-000000000001';

/** What the server says on a progress socket (platform.md 9.3). */
const SENT: Readonly<Record<string, Message>> = {
  progress: {
    summary:
      `A frame of the task; without the subprotocol it has no \`type\`. Stages ` +
      `${TERMINAL_STAGES.join(', ')} end the stream. At most ${MAX_FRAME_BYTES} bytes.`,
    properties: {
      type: { const: 'progress' },
      task_id: TASK_ID,
      stage: { type: 'string' },
      message: { type: 'string' },
      timestamp: { type: 'number', description: 'Seconds since the epoch.' },
      seq: SEQ,
      run_id: { type: 'string', format: 'uuid' },
      context: { type: 'object' },
      progress: { type: 'number', minimum: 0, maximum: 1 },
      result: { type: 'object', description: 'In `done` only.' },
      error: { type: 'object', description: 'In `error` and `retry` only.' },
      ephemeral: { const: true, description: 'Not stored, no `seq`.' },
      dropped: { type: 'array', items: { type: 'string' } },
    },
    required: ['task_id', 'stage', 'message', 'timestamp'],
    open: true,
    example: {
      type: 'progress',
      task_id: TASK,
      stage: 'progress',
      message: 'Running.',
      timestamp: 1767323045.678,
      pct: 40,
      progress: 0.4,
      seq: 12,
    },
  },
  hello: {
    summary: 'First message of the subprotocol.',
    properties: {
      type: { const: 'hello' },
      server_time: { type: 'string', format: 'date-time' },
      heartbeat: { type: 'number' },
      last_seq: { type: 'integer', minimum: 0 },
      status: { type: 'string' },
    },
    required: ['type', 'server_time', 'heartbeat', 'last_seq', 'status'],
    example: { type: 'hello', server_time: '2026-01-02T03:04:05.678Z', heartbeat: 20, last_seq: 12, status: 'running' },
  },
  gap: {
    summary: 'Frames that can no longer be had; before the frame that follows them.',
    properties: {
      type: { const: 'gap' },
      task_id: TASK_ID,
      from: SEQ,
      to: SEQ,
      reason: { enum: ['trimmed', 'expired', 'lost'] },
    },
    required: ['type', 'task_id', 'from', 'to', 'reason'],
    example: { type: 'gap', task_id: TASK, from: 2, to: 10, reason: 'trimmed' },
  },
  coalesced: {
    summary: 'Frames left out for a slow client; before the frame that was kept. `?after=` brings them back.',
    properties: {
      type: { const: 'coalesced' },
      task_id: TASK_ID,
      dropped: { type: 'integer', minimum: 1 },
      from: SEQ,
      to: SEQ,
    },
    required: ['type', 'task_id', 'dropped', 'from', 'to'],
    example: { type: 'coalesced', task_id: TASK, dropped: 5, from: 5, to: 9 },
  },
  heartbeat: {
    summary: 'After 20 s without another message.',
    properties: { type: { const: 'heartbeat' }, server_time: { type: 'string', format: 'date-time' } },
    required: ['type', 'server_time'],
    example: { type: 'heartbeat', server_time: '2026-01-02T03:04:05.678Z' },
  },
  bye: {
    summary: 'Last message before every close that the server starts.',
    properties: { type: { const: 'bye' }, code: { type: 'integer' }, reason: { type: 'string' } },
    required: ['type', 'code', 'reason'],
    example: { type: 'bye', code: 1000, reason: 'done' },
  },
};

/** What a client of the subprotocol may say. */
const RECEIVED: Readonly<Record<string, Message>> = {
  auth: {
    summary: 'A new ticket, before the token behind the socket expires.',
    properties: { type: { const: 'auth' }, ticket: { type: 'string' } },
    required: ['type', 'ticket'],
    example: { type: 'auth', ticket: 'mL0Wv0bS3nZ1u5o2VtYV0n0yB6Hk3n8mL0Wv0bS3nZ0' },
  },
};

/** AsyncAPI 3.0 of the sockets that are served (platform.md 9.1). */
export function asyncApiDocument(): Record<string, unknown> {
  const messages = { ...SENT, ...RECEIVED };
  const refs = (names: Readonly<Record<string, Message>>): Schema[] =>
    Object.keys(names).map((name) => ({ $ref: `#/channels/progress/messages/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'alphaswarm-core sockets',
      version: '2026-01-01',
      description:
        'Progress of long work. Refusals (400, 401, 403, 404, 429) are problem documents before the upgrade.',
    },
    defaultContentType: 'application/json',
    channels: {
      progress: {
        address: '/ws/progress/{task_id}',
        title: 'Progress of one task',
        parameters: { task_id: { description: 'From the 202 answer of the route that queued the work.' } },
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: {
          ws: {
            method: 'GET',
            bindingVersion: '0.1.0',
            query: {
              type: 'object',
              properties: {
                after: {
                  type: 'integer',
                  minimum: 0,
                  maximum: Number.MAX_SAFE_INTEGER,
                  default: 0,
                  description: 'Last `seq` the client has seen.',
                },
                ticket: { type: 'string', description: 'From POST /ws/tickets; decides alone when present.' },
              },
            },
            headers: {
              type: 'object',
              properties: {
                Authorization: { type: 'string' },
                'Sec-WebSocket-Protocol': {
                  type: 'string',
                  enum: [SUBPROTOCOL],
                  description: 'With it come control messages.',
                },
              },
            },
          },
        },
      },
    },
    operations: {
      sendProgress: { action: 'send', channel: { $ref: '#/channels/progress' }, messages: refs(SENT) },
      receiveControl: { action: 'receive', channel: { $ref: '#/channels/progress' }, messages: refs(RECEIVED) },
    },
    components: {
      messages: Object.fromEntries(Object.entries(messages).map(([name, message]) => [name, describe(name, message)])),
    },
  };
}

function describe(name: string, { summary, properties, required, open = false, example }: Message): Schema {
  return {
    name,
    summary,
    payload: { type: 'object', required, properties, additionalProperties: open },
    examples: [{ payload: example }],
  };
}
