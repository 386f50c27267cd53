import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { Audited, type Route } from '#platform/http';
import { Requires } from './door.ts';
import { declaredRoutes } from './doors.ts';
import { type StepUpLedger, stepUpFaults } from './step-up-ledger.ts';

@Controller('keys')
class KeysController {
  @Get()
  @Requires('org:read')
  list(): void {}

  @Get('raw')
  @Requires('state:read', { stepUp: true })
  raw(): void {}

  @Post()
  @Requires('credential:write', { stepUp: { maxAge: 600 } })
  @Audited('key.create')
  create(): void {}

  @Post('grants')
  @Requires('membership:grant', { stepUp: { maxAge: 600, byBody: true }, demands: () => ({ stepUp: true }) })
  @Audited('key.grant')
  grant(@Body() _body: object): void {}

  @Delete(':id')
  @Requires('credential:write')
  @Audited('key.forget')
  forget(): void {}
}

const route = (property: string, method: string, path: string): Route => ({
  method,
  path,
  controller: KeysController,
  property,
  handler: KeysController.prototype[property as keyof KeysController],
});

describe('The ledger of step-up', () => {
  const routes = declaredRoutes([
    route('list', 'GET', '/keys'),
    route('raw', 'GET', '/keys/raw'),
    route('create', 'POST', '/keys'),
    route('grant', 'POST', '/keys/grants'),
    route('forget', 'DELETE', '/keys/:id'),
  ]);
  const whole: StepUpLedger = {
    'GET /keys/raw': 300,
    'POST /keys': 600,
    'POST /keys/grants': { byBody: 600 },
    'DELETE /keys/:id': 'can be undone',
  };

  it('agrees with routes that it describes', () => {
    expect(stepUpFaults(routes, whole)).toEqual([]);
  });

  it.each(Object.keys(whole))('fails on %s without a line', (name) => {
    const { [name]: _, ...rest } = whole;
    expect(stepUpFaults(routes, rest)).toEqual([expect.stringMatching(`^${name} .*ledger does not`)]);
  });

  it.each<[string, StepUpLedger[string], RegExp]>([
    ['GET /keys/raw', 600, /another step-up/],
    ['GET /keys/raw', { byBody: 300 }, /another step-up/],
    ['GET /keys/raw', 'is harmless', /another step-up/],
    ['POST /keys/grants', 600, /another step-up/],
    ['DELETE /keys/:id', 300, /asks for no step-up/],
    ['DELETE /keys/:id', '', /no reason/],
    ['GET /keys', 300, /asks for no step-up/],
    ['DELETE /keys', 'is gone', /is no route/],
  ])('fails on a line for %s that says %p', (name, line, fault) => {
    expect(stepUpFaults(routes, { ...whole, [name]: line })).toEqual([expect.stringMatching(fault)]);
  });
});
