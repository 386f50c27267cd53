import { z } from 'zod';
import { DomainError, ValidationError, hashCanonical } from '#kernel';
import { findComponent, unknownComponent, type ComponentSpec, type Stage } from '../models/index.ts';
import { backtestKwargs } from './backtest-kwargs.ts';
import { engineOf } from './engines.ts';
import { pointerOf, refusal } from './issues.ts';
import type { NormalisationResult, NormalisedRecipe, StrategyKwargs } from './recipe.ts';
import { brokerageBlock, feedBlock, riskBlock, sessionBlock } from './risk-block.ts';

const rawComponent = z.strictObject({
  class: z.string().min(1).max(120),
  kwargs: z.record(z.string(), z.unknown()).nullish(),
  module_path: z.unknown().optional(),
});

const strategyKwargs = z.strictObject({
  universe_model: rawComponent,
  alpha_model: rawComponent.nullish(),
  portfolio_model: rawComponent.nullish(),
  risk_model: rawComponent.nullish(),
  execution_model: rawComponent.nullish(),
  rebalance_every: z.number().int().min(1).max(1_000_000).default(1),
});

const document = z.strictObject({
  name: z.string().max(120).nullish(),
  description: z.string().max(2_000).nullish(),
  strategy: z.strictObject({ class: z.string(), kwargs: strategyKwargs, module_path: z.unknown().optional() }),
  backtest: z
    .strictObject({
      engine: z.string().optional(),
      class: z.string().optional(),
      kwargs: z.record(z.string(), z.unknown()).nullish(),
      module_path: z.unknown().optional(),
    })
    .nullish(),
  risk: riskBlock.nullish(),
  session: sessionBlock.nullish(),
  brokerage: brokerageBlock.nullish(),
  feed: feedBlock.nullish(),
  validation: z.unknown().optional(),
});

type RawComponent = z.infer<typeof rawComponent>;

/** Canonical form of one component: name for alias, kwargs for their older names, defaults filled in. */
function normaliseComponent(stage: Stage, given: RawComponent, base: string): ComponentSpec {
  const definition = findComponent(stage, given.class);
  if (!definition) throw unknownComponent(stage, given.class, `${base}/class`);
  const kwargs: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given.kwargs ?? {})) {
    const name = definition.renamed?.[key] ?? key;
    if (name in kwargs)
      throw new ValidationError([
        {
          pointer: pointerOf(`${base}/kwargs`, [key]),
          code: 'duplicate_key',
          message: `stands beside ${name}, of which it is an alias`,
        },
      ]);
    kwargs[name] = value;
  }
  if (definition.nested !== undefined && Array.isArray(kwargs['models'])) {
    const nested = definition.nested;
    kwargs['models'] = kwargs['models'].map((member: unknown, i) => {
      const at = `${base}/kwargs/models/${i}`;
      const parsed = rawComponent.safeParse(member);
      if (!parsed.success) throw refusal(parsed.error, at, 'invalid_component_params');
      return normaliseComponent(nested, parsed.data, at);
    });
  }
  const checked = definition.kwargs.safeParse(kwargs);
  if (!checked.success) throw refusal(checked.error, `${base}/kwargs`, 'invalid_component_params');
  return { class: definition.name, kwargs: checked.data as Record<string, unknown> };
}

function normaliseStrategy(given: z.infer<typeof strategyKwargs>): { kwargs: StrategyKwargs; warmupBars: number } {
  const base = '/strategy/kwargs';
  const kwargs: StrategyKwargs = {
    universe_model: normaliseComponent('universe', given.universe_model, `${base}/universe_model`),
    risk_model: normaliseComponent('risk', given.risk_model ?? { class: 'NoOp' }, `${base}/risk_model`),
    execution_model: normaliseComponent(
      'execution',
      given.execution_model ?? { class: 'MarketExecution' },
      `${base}/execution_model`,
    ),
    rebalance_every: given.rebalance_every,
  };
  if (given.alpha_model) kwargs.alpha_model = normaliseComponent('alpha', given.alpha_model, `${base}/alpha_model`);
  if (given.portfolio_model)
    kwargs.portfolio_model = normaliseComponent('portfolio', given.portfolio_model, `${base}/portfolio_model`);
  const execution = findComponent('execution', kwargs.execution_model.class)!;
  const portfolio = kwargs.portfolio_model ? findComponent('portfolio', kwargs.portfolio_model.class) : undefined;
  const missing: string[] = [];
  if (!kwargs.portfolio_model && !execution.replaces?.includes('portfolio')) missing.push('portfolio_model');
  if (!kwargs.alpha_model && !execution.replaces?.includes('alpha') && !portfolio?.replaces?.includes('alpha'))
    missing.push('alpha_model');
  if (missing.length > 0)
    throw new ValidationError(
      missing.map((key) => ({ pointer: `${base}/${key}`, code: 'required', message: 'is needed with these models' })),
    );
  const warmups = (['universe', 'alpha', 'portfolio', 'risk', 'execution'] as const).map((stage) => {
    const spec = kwargs[`${stage}_model`];
    return spec ? findComponent(stage, spec.class)!.warmupBars(spec.kwargs) : 0;
  });
  return { kwargs, warmupBars: Math.max(...warmups) };
}

/** Expands `slippage_bps` and `commission_pct`, and normalises both cost models. */
function normaliseBacktest(given: Record<string, unknown>): NormalisedRecipe['backtest']['kwargs'] {
  const base = '/backtest/kwargs';
  const { slippage_bps: bps, commission_pct: pct, ...kwargs } = given;
  const shortForms = [
    ['slippage', bps, 'bps', 'bps', 'slippage_bps'],
    ['commission', pct, 'pct', 'rate', 'commission_pct'],
  ] as const;
  for (const [stage, value, name, field, key] of shortForms) {
    if (value !== undefined && kwargs[stage] !== undefined)
      throw new ValidationError([
        {
          pointer: `${base}/${key}`,
          code: 'duplicate_key',
          message: `is the short form of ${stage}, which is given too`,
        },
      ]);
    if (value === undefined && kwargs[stage] === undefined) continue;
    if (value !== undefined) {
      const checked = findComponent(stage, name)!.kwargs.safeParse({ [field]: value });
      if (!checked.success)
        throw new ValidationError([
          {
            pointer: `${base}/${key}`,
            code: checked.error.issues[0]?.code ?? 'invalid',
            message: checked.error.issues[0]?.message ?? 'is not accepted',
          },
        ]);
      kwargs[stage] = { class: name, kwargs: checked.data };
      continue;
    }
    const parsed = rawComponent.safeParse(kwargs[stage]);
    if (!parsed.success) throw refusal(parsed.error, `${base}/${stage}`, 'validation_failed');
    if (stage === 'slippage' && parsed.data.class === 'half_spread')
      throw new DomainError(422, 'capability_mismatch', {
        detail: 'half_spread needs quote bars, which this engine does not read.',
        errors: [
          {
            pointer: `${base}/slippage/class`,
            code: 'capability_mismatch',
            message: 'accepted: bps, volume_share, sqrt_impact',
          },
        ],
      });
    kwargs[stage] = normaliseComponent(stage, parsed.data, `${base}/${stage}`);
  }
  const checked = backtestKwargs.safeParse(kwargs);
  if (!checked.success) throw refusal(checked.error, base, 'validation_failed');
  if (checked.data.interval === 'tick')
    throw new DomainError(422, 'capability_mismatch', {
      detail: 'The engine reads bars, not ticks.',
      errors: [
        { pointer: `${base}/interval`, code: 'capability_mismatch', message: 'accepted: 1s 5s 10s 1m 5m 15m 1h 1d 1w' },
      ],
    });
  return checked.data;
}

/** Asked first: of an unknown class nothing else is worth saying. */
const STRATEGY_CLASS = z.object({ strategy: z.object({ class: z.string() }) });

/**
 * The hash-locked form of a recipe (trading.md 3.8): aliases resolved, short forms expanded, labels left out, symbols
 * completed, defaults filled in; `specHash` = SHA-256 of its canonical JSON (INV-1). Throws DomainError 422:
 * `validation_failed` (unknown keys anywhere, wrong types, limits of section 9), `unknown_component`,
 * `invalid_component_params`, `engine_unavailable`, `capability_mismatch`.
 */
export function normaliseRecipe(given: unknown): NormalisationResult {
  const strategyClass = STRATEGY_CLASS.safeParse(given).data?.strategy.class;
  if (strategyClass !== undefined && strategyClass !== 'FrameworkAlgorithm')
    throw new DomainError(422, 'unknown_component', {
      detail: 'The strategy class is FrameworkAlgorithm; there is no other.',
      errors: [{ pointer: '/strategy/class', code: 'unknown_component', message: 'nearest: FrameworkAlgorithm' }],
      members: { nearest: ['FrameworkAlgorithm'] },
    });
  const parsed = document.safeParse(given);
  if (!parsed.success) throw refusal(parsed.error, '', 'validation_failed');
  const raw = parsed.data;
  const strategy = normaliseStrategy(raw.strategy.kwargs);
  const recipe: NormalisedRecipe = {
    schema_version: 1,
    strategy: { class: 'FrameworkAlgorithm', kwargs: strategy.kwargs },
    backtest: { engine: engineOf(raw.backtest ?? {}), kwargs: normaliseBacktest(raw.backtest?.kwargs ?? {}) },
  };
  if (raw.risk) recipe.risk = raw.risk;
  if (raw.session) recipe.session = raw.session;
  if (raw.brokerage) recipe.brokerage = raw.brokerage;
  if (raw.feed) recipe.feed = raw.feed;
  return { recipe, specHash: hashCanonical(recipe), warmupBars: strategy.warmupBars, warnings: [] };
}
