import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import {
  ApiPage,
  Audited,
  CursorCodec,
  IfMatch,
  type Page,
  type Precondition,
  Refuses,
  Reply,
  Sends,
} from '#platform/http';
import type { CredentialRow } from './credential-views.repository.ts';
import { CREDENTIAL } from './credential.resource.ts';
import { CredentialsService } from './credentials.service.ts';
import {
  CreateCredentialBody,
  ListCredentials,
  RotateCredentialBody,
  demandsOfCreation,
} from './dto/credential.requests.ts';
import { CredentialView } from './dto/credential.views.ts';

const MAX_AGE = 300;
const WRITES = { idempotencyRequired: true, secretBody: true } as const;

/** Routes of platform.md 8.4. */
@ApiTags('credentials')
@Controller('credentials')
export class CredentialsController {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get()
  @Requires('credential:use')
  @ApiOperation({ summary: 'List credentials that count for me, without their secrets' })
  @ApiPage(CredentialView)
  async list(@Context() ctx: RequestContext, @Query() query: ListCredentials): Promise<Page<CredentialView>> {
    const page = this.cursors.page(ctx, 'credentials', query);
    return page.map(await this.credentials.list(ctx, query.service, page), ({ id }) => [id], view);
  }

  @Post()
  @Requires('org:read', { at: 'org', stepUp: { maxAge: MAX_AGE, byBody: true }, demands: demandsOfCreation })
  @Audited('credential.create', WRITES)
  @Refuses('conflict', 'quota_exceeded', 'not_implemented')
  @Sends('ETag')
  @ApiOperation({ summary: 'Seal a secret for an organization, a workspace or a person' })
  @ApiCreatedResponse({ type: CredentialView })
  async create(
    @Context() ctx: RequestContext,
    @Body() body: CreateCredentialBody,
    @Reply() reply: Reply,
  ): Promise<CredentialView> {
    const row = await this.credentials.create(ctx, body);
    reply.etag(row.version);
    return view(row);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Requires('credential:write', { resource: CREDENTIAL, stepUp: { maxAge: MAX_AGE } })
  @Audited('credential.rotate', WRITES)
  @Sends('ETag')
  @ApiOperation({ summary: 'Replace the secret; the one before stays usable by runs that began with it' })
  @ApiOkResponse({ type: CredentialView })
  async rotate(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Body() body: RotateCredentialBody,
    @IfMatch() ifMatch: Precondition,
    @Reply() reply: Reply,
  ): Promise<CredentialView> {
    const row = await this.credentials.rotate(ctx, id, body, ifMatch);
    reply.etag(row.version);
    return view(row);
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('credential:write', { resource: CREDENTIAL, stepUp: { maxAge: MAX_AGE } })
  @Audited('credential.revoke')
  @ApiOperation({ summary: 'Destroy every version of a secret at once' })
  @ApiNoContentResponse()
  revoke(@Param('id') id: string, @IfMatch() ifMatch: Precondition): Promise<void> {
    return this.credentials.revoke(id, ifMatch);
  }
}

function view({ last_used_at, expires_at, created_at, updated_at, ...row }: CredentialRow): CredentialView {
  return {
    ...row,
    last_used_at: last_used_at?.toISOString() ?? null,
    expires_at: expires_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
  };
}
