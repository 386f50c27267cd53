import type { ExecutionContext } from '@nestjs/common';
import { AccessGuard } from './access.guard.ts';
import { StepUpGuard } from './step-up.guard.ts';

/** Strict: nothing of it may be asked. */
const UNTOUCHABLE = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`${String(name)} was asked`);
    },
  },
) as never;

const at = (request: object): ExecutionContext =>
  ({ getType: () => 'http', switchToHttp: () => ({ getRequest: () => request }) }) as unknown as ExecutionContext;

describe('A guard whose forerunner did not run', () => {
  it('lets nobody in', () => {
    for (const guard of [
      new AccessGuard(UNTOUCHABLE, UNTOUCHABLE, UNTOUCHABLE),
      new StepUpGuard(UNTOUCHABLE, UNTOUCHABLE),
    ])
      expect(() => guard.canActivate(at({}))).toThrow(/AuthenticationGuard comes before/);
  });

  it('does not ask for step-up before the permission', async () => {
    const door = { kind: 'requires', stepUp: { maxAge: 300, byBody: false }, demands: null };
    const guard = new StepUpGuard(UNTOUCHABLE, UNTOUCHABLE);
    await expect(guard.canActivate(at({ arrival: { door } }))).rejects.toThrow(/AccessGuard comes before/);
  });
});
