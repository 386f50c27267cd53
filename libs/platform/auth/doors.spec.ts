import { Body, Controller, Get, Post } from '@nestjs/common';
import { Audited, NotAudited, type Route } from '#platform/http';
import { AuthenticatedOnly, Public, Requires } from './door.ts';
import { declaredRoutes, doorFaults, permissionsDocument } from './doors.ts';
import { resource } from './resource.ts';

@Controller('things')
class ThingsController {
  @Get()
  @Requires('strategy:view')
  list(): void {}

  @Get(':id')
  @Requires('strategy:view', { resource: resource('thing', 'things') })
  one(): void {}

  @Post()
  @Requires('strategy:edit', { stepUp: { maxAge: 600 } })
  @Audited('thing.create')
  create(): void {}

  @Post('grants')
  @Requires('membership:grant', { stepUp: { maxAge: 600, byBody: true }, demands: () => ({ stepUp: true }) })
  @Audited('thing.grant')
  grant(@Body() _body: object): void {}

  @Post('check')
  @AuthenticatedOnly()
  @NotAudited('stores nothing')
  check(): void {}

  @Get('open')
  @Public()
  open(): void {}
}

@Controller()
class CarelessController {
  @Get()
  nothing(): void {}

  @Post()
  @Public()
  silent(): void {}

  @Get()
  @Requires('strategy:view')
  foreign(): void {}

  @Get()
  @Requires('strategy:view', { resource: resource('thing', 'things') })
  idless(): void {}

  @Post()
  @Public()
  @NotAudited('x')
  @Audited('x')
  torn(): void {}

  @Post()
  @Requires('strategy:edit', { demands: () => ({}) })
  @NotAudited('x')
  bodiless(): void {}

  @Get()
  @Requires('strategy:edit', { demands: () => ({}) })
  unasked(@Body() _body: object): void {}

  @Post()
  @Requires('strategy:edit', { stepUp: { maxAge: 300, byBody: true } })
  @NotAudited('x')
  undemanding(): void {}
}

const route = (controller: Route['controller'], property: string, method: string, path: string): Route => ({
  method,
  path,
  controller,
  property,
  handler: (controller.prototype as Record<string, Route['handler']>)[property] as Route['handler'],
});

describe('The walk over all doors', () => {
  const things = declaredRoutes([
    route(ThingsController, 'list', 'GET', '/things'),
    route(ThingsController, 'one', 'GET', '/things/:id'),
    route(ThingsController, 'create', 'POST', '/things'),
    route(ThingsController, 'grant', 'POST', '/things/grants'),
    route(ThingsController, 'check', 'POST', '/things/check'),
    route(ThingsController, 'open', 'GET', '/things/open'),
  ]);

  it('finds nothing wrong with routes that declare everything', () => {
    expect(doorFaults(things)).toEqual([]);
  });

  it.each([
    ['nothing', 'GET', '/x', /declares no door/],
    ['silent', 'POST', '/x', /neither @Audited nor @NotAudited/],
    ['foreign', 'GET', '/x/:id', /names no resource/],
    ['idless', 'GET', '/x', /no path parameter id/],
    ['bodiless', 'POST', '/x', /takes none/],
    ['unasked', 'GET', '/x', /nobody would ask/],
    ['undemanding', 'POST', '/x', /declares no demands/],
    ['torn', 'POST', '/x', /both @Audited and @NotAudited/],
  ])('tells what is wrong with %s', (property, method, path, fault) => {
    const faults = doorFaults(declaredRoutes([route(CarelessController, property, method, path)]));
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults[0]).toContain(`${method} ${path} (CarelessController.${property})`);
  });

  it('writes roles, scopes and routes down', () => {
    const text = permissionsDocument(things);
    expect(text).toContain('| `strategy:edit` |  | yes | yes | yes |  |  |');
    expect(text).toContain('| `deploy:halt` |  | live | yes | yes | yes |  |');
    expect(text).toContain('| `audit:read` |  | own | yes | yes | yes | yes |');
    expect(text).toContain('| `admin:org` | all |');
    expect(text).toContain('| POST `/things` | `strategy:edit` |  | 600 s | `thing.create` |');
    expect(text).toContain('| POST `/things/grants` | `membership:grant` |  | 600 s, by body | `thing.grant` |');
    expect(text).toContain('| GET `/things/:id` | `strategy:view` | thing |  |  |');
    expect(text).toContain('| POST `/things/check` | authenticated |  |  | stores nothing |');
  });
});
