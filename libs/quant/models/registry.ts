import { z } from 'zod';
import { closest, distance } from 'fastest-levenshtein';
import { DomainError } from '#kernel';
import { alphaModels } from './alpha/index.ts';
import { commissionModels } from './commission/index.ts';
import type { AnyComponent, ComponentSpec, Stage } from './component.ts';
import { executionModels } from './execution/index.ts';
import { portfolioModels } from './portfolio/index.ts';
import { riskModels } from './risk/index.ts';
import { slippageModels } from './slippage/index.ts';
import { universeModels } from './universe/index.ts';

/** A component as the catalogue shows it. */
export interface CatalogEntry {
  stage: Stage;
  class: string;
  aliases: string[];
  tags: string[];
  description: string;
  /** JSON Schema (2020-12) of the kwargs. */
  kwargs_schema: Record<string, unknown>;
  /** A component as it stands in a recipe. */
  sample: ComponentSpec;
}

const STAGES: Readonly<Record<Stage, readonly AnyComponent[]>> = {
  universe: universeModels,
  alpha: alphaModels,
  portfolio: portfolioModels,
  risk: riskModels,
  execution: executionModels,
  slippage: slippageModels,
  commission: commissionModels,
};

const SHOWN_NAMES = 3;

/** The component of a stage by its name or an alias, or undefined. */
export function findComponent(stage: Stage, name: string): AnyComponent | undefined {
  return STAGES[stage].find((entry) => entry.name === name || entry.aliases.includes(name));
}

/** 422 `unknown_component` with the nearest names. */
export function unknownComponent(stage: Stage, name: string, pointer: string): DomainError {
  const names = STAGES[stage].map((entry) => entry.name);
  const nearest = [...names]
    .sort((a, b) => distance(a.toLowerCase(), name.toLowerCase()) - distance(b.toLowerCase(), name.toLowerCase()))
    .slice(0, SHOWN_NAMES);
  return new DomainError(422, 'unknown_component', {
    detail: `There is no ${stage} component "${name.slice(0, 80)}". The nearest name is ${closest(name, names)}.`,
    errors: [{ pointer, code: 'unknown_component', message: `nearest: ${nearest.join(', ')}` }],
    hint: 'GET /strategies/browse/catalog lists every component.',
    members: { nearest },
  });
}

/** A fresh model of a normalised component. Throws `unknown_component` when the registry has no such class. */
export function buildComponent(
  stage: Stage,
  spec: ComponentSpec,
  environment: { interval: Parameters<AnyComponent['create']>[1]['interval'] },
): unknown {
  const found = findComponent(stage, spec.class);
  if (!found) throw unknownComponent(stage, spec.class, '');
  return found.create(spec.kwargs, {
    interval: environment.interval,
    build: (inner, member) => buildComponent(inner, member, environment),
  });
}

/** Every component (trading.md 7.2) with its kwargs as JSON Schema, by stage. */
export function componentCatalog(): CatalogEntry[] {
  return (Object.keys(STAGES) as Stage[]).flatMap((stage) =>
    STAGES[stage].map((entry) => ({
      stage,
      class: entry.name,
      aliases: [...entry.aliases],
      tags: [...entry.tags],
      description: entry.description,
      kwargs_schema: z.toJSONSchema(entry.kwargs, { io: 'input' }) as Record<string, unknown>,
      sample: { class: entry.name, kwargs: structuredClone(entry.sample) },
    })),
  );
}
