export {
  Context,
  inWorkspace,
  systemContext,
  type ClaimsChallenge,
  type ContextualRequest,
  type Principal,
  type RequestContext,
  type TokenFacts,
  type WorkspaceContext,
} from './request-context.ts';
