import type { IncomingMessage } from 'node:http';
import { Logger } from '@nestjs/common';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { Clock, DomainError, NotFoundError, parseUuid } from '#kernel';
import { Authorization, Requires } from '#platform/auth';
import { ProgressConfig } from '#platform/config';
import { Progress, type Replay } from '#platform/progress';
import { inSpan } from '#platform/spans';
import { CLOSE, SocketGate, type SocketRequest, type SocketSession, SocketSessions, TaskFeed } from '#platform/sockets';
import { JOB } from './job.resource.ts';
import { JobsService } from './jobs.service.ts';
import { type FollowedTask, lastFrameOf } from './last-frame.ts';

const PATH = '/ws/progress/:task_id';

/** Frames of one task: replayed from `?after=`, then live, up to the terminal one (platform.md 9). */
@WebSocketGateway({ path: PATH })
@Requires('job:read', { resource: JOB, param: 'task_id', own: true })
export class ProgressGateway implements OnGatewayConnection {
  readonly #logger = new Logger('sockets');

  constructor(
    gate: SocketGate,
    private readonly sessions: SocketSessions,
    private readonly authorization: Authorization,
    private readonly jobs: JobsService,
    private readonly progress: Progress,
    private readonly clock: Clock,
    private readonly config: ProgressConfig,
  ) {
    gate.route(PATH, (request) => this.#admit(request));
  }

  handleConnection(ws: WebSocket, request: IncomingMessage): void {
    const task = this.sessions.factsOf(request) as FollowedTask;
    const session = this.sessions.open(ws, request, task.after);
    const feed = new TaskFeed(
      this.progress,
      {
        id: task.id,
        orgId: session.context.orgId,
        lastFrame: async () => lastFrameOf(await this.jobs.detail(session.context, task.id)),
      },
      task.after,
      session.writer,
      () => session.close(CLOSE.done),
    );
    session.onClose(() => feed.stop());
    inSpan('ws.stream', () => feed.start((state) => this.#greet(session, task, state))).catch((error: unknown) => {
      this.#logger.error({ msg: 'stream not read', task_id: task.id, err: error });
      session.close(CLOSE.internal);
    });
  }

  /** Unknown and foreign tasks are 404, before the query is looked at. */
  async #admit({ context, parameters, query }: SocketRequest): Promise<FollowedTask> {
    const id = parseUuid(parameters['task_id'] ?? '');
    if (!id) throw new NotFoundError();
    const { scope, access } = await this.authorization.locate(context, JOB, id);
    await this.authorization.demandToRead({ ...context, ...scope }, 'job:read', access, JOB, id);
    const job = await this.jobs.detail({ ...context, ...scope }, id);
    return { id, after: readAfter(query.get('after')), status: job.status };
  }

  #greet(session: SocketSession, task: FollowedTask, { lastSeq }: Replay): void {
    session.writer.control({
      type: 'hello',
      server_time: new Date(this.clock.now()).toISOString(),
      heartbeat: this.config.heartbeatMs / 1_000,
      last_seq: lastSeq,
      status: task.status,
    });
  }
}

function readAfter(text: string | null): number {
  if (text === null) return 0;
  const after = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(after)) return after;
  throw new DomainError(400, 'bad_after', {
    detail: '`after` is the last seq the client has seen.',
    errors: [{ pointer: 'query:after', code: 'range', message: 'must be an integer from 0 to 2^53 - 1' }],
  });
}
