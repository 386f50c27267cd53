import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuthenticatedOnly, Public } from '#platform/auth';
import { Context, type RequestContext, type TokenFacts } from '#platform/context';
import { ActiveContext, PublicAuthConfig, WhoAmI } from './dto/auth.views.ts';
import { IdentityService } from './identity.service.ts';

/** Routes of platform.md 8.1. */
@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(private readonly identity: IdentityService) {}

  @Get('config')
  @Public()
  @ApiOperation({ summary: 'How to sign in' })
  @ApiOkResponse({ type: PublicAuthConfig })
  config(): PublicAuthConfig {
    return this.identity.publicConfig();
  }

  @Get('whoami')
  @AuthenticatedOnly({ tenantGate: false })
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Who the token says I am, and what I can reach' })
  @ApiOkResponse({ type: WhoAmI })
  whoAmI(@Context() ctx: RequestContext): Promise<WhoAmI> {
    return this.identity.whoAmI(ctx, tokenOf(ctx));
  }

  @Get('context')
  @AuthenticatedOnly({ tenantGate: false })
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where this request acts' })
  @ApiOkResponse({ type: ActiveContext })
  context(@Context() ctx: RequestContext): Promise<ActiveContext> {
    return this.identity.activeContext(ctx, tokenOf(ctx));
  }
}

function tokenOf({ principal }: RequestContext): TokenFacts {
  if (!principal.token) throw new Error('A request is always authenticated by a token.');
  return principal.token;
}
