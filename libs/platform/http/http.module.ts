import { Global, Module } from '@nestjs/common';
import { AuditModule } from '#platform/audit';
import { EnvironmentConfig, HttpConfig } from '#platform/config';
import { BodyReader } from './body/body-reader.ts';
import { BodyThreads } from './body/body-threads.ts';
import { RequestValidationPipe } from './dto/validation.pipe.ts';
import { ProblemFilter } from './errors/problem.filter.ts';
import { ConnectionDrain } from './connection-drain.ts';
import { OriginPolicy } from './headers/origins.ts';
import { HttpMiddleware } from './http.middleware.ts';
import { HaltState, NoSwitches } from './mutation/halt-state.ts';
import { Idempotency } from './mutation/idempotency.ts';
import { IdempotencyRepository } from './mutation/idempotency.repository.ts';
import { MutationPipeline } from './mutation/mutation-pipeline.ts';
import { CursorCodec } from './pagination/cursor-codec.ts';
import { SIGNING_KEY, signingKey } from './pagination/signing-key.ts';
import { OpenRequests } from './open-requests.ts';
import { RequestStageGuard } from './request-stage.guard.ts';
import { RouteTable } from './route-table.ts';
import { ServiceState } from './service-state.ts';
import { SocketDoor } from './socket-door.ts';

@Global()
@Module({
  imports: [AuditModule],
  providers: [
    BodyReader,
    BodyThreads,
    ConnectionDrain,
    CursorCodec,
    HttpMiddleware,
    Idempotency,
    IdempotencyRepository,
    MutationPipeline,
    OpenRequests,
    OriginPolicy,
    ProblemFilter,
    RequestStageGuard,
    RequestValidationPipe,
    RouteTable,
    ServiceState,
    SocketDoor,
    { provide: HaltState, useClass: NoSwitches },
    { provide: SIGNING_KEY, inject: [HttpConfig, EnvironmentConfig], useFactory: signingKey },
  ],
  exports: [
    CursorCodec,
    HaltState,
    HttpMiddleware,
    OpenRequests,
    OriginPolicy,
    ProblemFilter,
    RequestStageGuard,
    RequestValidationPipe,
    RouteTable,
    ServiceState,
    SocketDoor,
    SIGNING_KEY,
  ],
})
export class HttpModule {}
