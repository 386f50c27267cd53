import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuthenticatedOnly } from '#platform/auth';
import { NotAudited, type RoutedRequest, Uncompressed } from '#platform/http';
import { SocketTickets } from '#platform/sockets';
import { MintTicket } from './dto/job.requests.ts';
import { TicketView } from './dto/job.views.ts';

@ApiTags('sockets')
@Controller('ws')
export class TicketsController {
  constructor(private readonly tickets: SocketTickets) {}

  @Post('tickets')
  @HttpCode(200)
  @Uncompressed()
  @AuthenticatedOnly()
  @NotAudited('gives nothing that its caller does not have; the socket is checked anew')
  @ApiOperation({ summary: 'A ticket for one socket, for clients that cannot send a header with it' })
  @ApiOkResponse({ type: TicketView })
  mint(@Body() body: MintTicket, @Req() request: RoutedRequest): TicketView {
    const { headers, rawHeaders, requestId } = request;
    const credential = { url: body.path, method: 'GET', headers, rawHeaders, requestId, ip: request.ip ?? null };
    const { ticket, expiresIn } = this.tickets.mint({ credential, path: body.path, origin: headers.origin ?? null });
    return { ticket, expires_in: expiresIn };
  }
}
