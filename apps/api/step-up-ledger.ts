import type { StepUpLedger } from '#platform/auth';

const COMPUTES = 'computes and changes nothing';
const VERSIONS = 'adds beside what is there, which stays readable as it was';
const CANCEL = 'stops work, which must be possible at once; the work can be started again';
const RESEARCH = 'starts research, which reads data and places no order';

/**
 * Which routes ask for a fresh second factor (platform.md 4.1, and 8 where a row is marked S), and why the other ones
 * that change something do not. `test/e2e/doors.e2e.spec.ts` compares it with the routes.
 */
export const STEP_UP_LEDGER: StepUpLedger = {
  'POST /auth/dev/token': 'makes the tokens that development signs in with; nobody is signed in yet',
  'POST /backtests': RESEARCH,
  'POST /backtests/:id/cancel': CANCEL,
  'POST /backtests/:id/replay': RESEARCH,
  'POST /backtests/:id/report/link': 'gives an address of one report, read-only and for minutes',
  'POST /backtests/bias-check': COMPUTES,
  'POST /backtests/compare': COMPUTES,
  'POST /backtests/factor-evaluation': COMPUTES,
  'POST /backtests/monte-carlo': COMPUTES,
  'POST /backtests/optimize': COMPUTES,
  'POST /backtests/walk-forward': COMPUTES,
  'POST /credentials': { byBody: 300 },
  'POST /credentials/:id/rotate': 300,
  'DELETE /credentials/:id': 300,
  'POST /data/:vt_symbol/actions': VERSIONS,
  'POST /ingest/bars': VERSIONS,
  'POST /ingest/preview': COMPUTES,
  'POST /ingest/runs': VERSIONS,
  'POST /ingest/runs/:id/cancel': CANCEL,
  'POST /ingest/runs/:id/retry': VERSIONS,
  'POST /ingest/uploads': VERSIONS,
  'POST /jobs/:id/cancel': CANCEL,
  'POST /jobs/:id/retry': 'repeats work that its caller could have started anew',
  'POST /membership': { byBody: 600 },
  'PATCH /membership/:id': { byBody: 600 },
  'DELETE /membership/:id': 'takes rights away, which must be possible at once',
  'DELETE /strategies/:id': 'archives: versions and runs stay',
  'POST /strategies': VERSIONS,
  'PUT /strategies/:id': VERSIONS,
  'POST /strategies/:id/test': RESEARCH,
  'POST /strategies/validate': COMPUTES,
  'POST /ws/tickets': 'gives nothing that its caller does not have',
};
