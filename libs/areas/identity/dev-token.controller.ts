import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#platform/auth';
import { NotAudited, Uncompressed } from '#platform/http';
import { DevTokenService } from './dev-token.service.ts';
import { DevTokenBody } from './dto/auth.requests.ts';
import { DevToken } from './dto/auth.views.ts';

@ApiTags('auth')
@Controller('auth/dev')
export class DevTokenController {
  constructor(private readonly tokens: DevTokenService) {}

  @Post('token')
  @HttpCode(200)
  @Uncompressed()
  @Public()
  @NotAudited('provisioning records its own entry, and only when it changes something')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A token of the local issuer; 404 where another provider signs people in' })
  @ApiOkResponse({ type: DevToken })
  issue(@Body() body: DevTokenBody): Promise<DevToken> {
    return this.tokens.issue(body);
  }
}
