export { configureHttp, createApiApplication } from './api-application.ts';
export { Inline, InlineData, SpooledUpload, Upload, bodyRuleOf, takesBody, type BodyRule } from './body/body-rules.ts';
export { InlineBars, type InlineColumns } from './body/inline-bars.ts';
export type { Spooled } from './body/spool.ts';
export {
  BooleanField,
  DateField,
  EnumField,
  InstantField,
  IntegerField,
  NestedField,
  NumberField,
  ObjectField,
  TextField,
  UuidField,
  type FieldOptions,
  type TextOptions,
} from './dto/fields.ts';
export { ApiPage, PageQuery, type Page } from './dto/page.ts';
export { RequestValidationPipe } from './dto/validation.pipe.ts';
export { ERROR_CATALOGUE, errorCatalogueDocument, titleOf } from './errors/error-catalogue.ts';
export { PROBLEM_TYPE, problemOf, refusalOf, type ProblemDocument } from './errors/problem.ts';
export { ProblemFilter } from './errors/problem.filter.ts';
export { currentExchange, openExchange, type Exchange, type RoutedRequest } from './exchange.ts';
export { OriginPolicy } from './headers/origins.ts';
export { Sends, SENT_HEADERS, type SentHeader } from './headers/sent-headers.ts';
export { API_VERSION } from './headers/response-headers.ts';
export { HttpModule } from './http.module.ts';
export type { AuditedOptions } from './mutation/audited-route.ts';
export { Audited, NotAudited, auditedOf, notAuditedOf } from './mutation/audited.ts';
export { HaltState, type HaltVerdict } from './mutation/halt-state.ts';
export { fingerprint } from './mutation/idempotency-key.ts';
export { Uncompressed } from './negotiation/compressed-answers.ts';
export { Format, Produces } from './negotiation/media-types.ts';
export { openApiDocument } from './openapi/openapi-document.ts';
export { Refuses } from './openapi/refuses.ts';
export { CursorCodec, PageRequest, type SortKey } from './pagination/cursor-codec.ts';
export { SIGNING_KEY } from './pagination/signing-key.ts';
export { IfMatch, Precondition, Reply, ReplyHeaders } from './reply.ts';
export { RequestStageGuard } from './request-stage.guard.ts';
export { declaredRoutes, type Route } from './declared-routes.ts';
export { RouteTable } from './route-table.ts';
export { PortInUseError, serve } from './serve.ts';
export { streamed } from './streamed.ts';
export { ServiceState } from './service-state.ts';
export { SocketDoor } from './socket-door.ts';
