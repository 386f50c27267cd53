import { DomainError } from '#kernel';
import { LineCounter, type Node, isAlias, isCollection, isMap, isPair, isScalar, parseDocument } from 'yaml';

export interface YamlLimits {
  /** UTF-8 size of the text. */
  maxBytes: number;
  maxDepth: number;
  /** Lines and commas, of which every item takes one. */
  maxParts: number;
  /** Nodes that aliases may add when they are expanded. */
  maxAliasNodes: number;
}

const DOCUMENT_LIMITS: YamlLimits = { maxBytes: 262_144, maxDepth: 32, maxParts: 30_000, maxAliasNodes: 100 };

/** The YAML 1.2 core schema's tags; everything else could load code somewhere. */
const CORE_TAGS = new Set(['null', 'bool', 'int', 'float', 'str', 'seq', 'map'].map((name) => `tag:yaml.org,2002:${name}`));

/** 400 `invalid_yaml` with the place of the fault. */
export class InvalidYamlError extends DomainError {
  readonly fault: string;
  readonly line: number;
  readonly column: number;

  constructor(fault: string, line: number, column: number) {
    super(400, 'invalid_yaml', { detail: `Line ${line}, column ${column}: ${fault}`, members: { line, column } });
    this.fault = fault;
    this.line = line;
    this.column = column;
  }
}

/**
 * Reads hostile YAML as data: core schema only, one document that is a mapping, no custom tag, no duplicate key, bounded size, depth and
 * alias expansion (trading.md 9). Throws InvalidYamlError.
 */
export function parseYamlDocument(text: string, limits: YamlLimits = DOCUMENT_LIMITS): Record<string, unknown> {
  if (Buffer.byteLength(text) > limits.maxBytes) throw new InvalidYamlError(`the document is larger than ${limits.maxBytes} bytes`, 1, 1);
  if ((text.match(/[\n,]/g)?.length ?? 0) > limits.maxParts) throw new InvalidYamlError(`the document has more than ${limits.maxParts} lines and items`, 1, 1);
  refuseDeepNesting(text, limits.maxDepth);
  const lines = new LineCounter();
  // The parser compares every key with every other; it is done below in one pass.
  const document = parseDocument(text, { schema: 'core', version: '1.2', uniqueKeys: false, merge: false, lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const fail = (message: string, offset: number): never => {
    const { line, col } = lines.linePos(offset);
    throw new InvalidYamlError(message, Math.max(line, 1), Math.max(col, 1));
  };
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) fail(fault.message, fault.pos[0]);
  if (!isMap(document.contents)) fail('the document must be a mapping', 0);

  const anchors = new Map<string, Node>();
  let budget = limits.maxAliasNodes;
  const visit = (node: unknown, depth: number, expanding: boolean): void => {
    if (isPair(node)) {
      if (!isScalar(node.key)) fail('keys must be plain scalars', 0);
      visit(node.value, depth, expanding);
      return;
    }
    if (expanding && --budget < 0) fail(`aliases expand to more than ${limits.maxAliasNodes} nodes`, 0);
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target) return fail(`the alias ${node.source} has no anchor before it`, node.range?.[0] ?? 0);
      return visit(target, depth, true);
    }
    if (isScalar(node) || isCollection(node)) {
      if (node.tag && !CORE_TAGS.has(node.tag)) fail(`the tag ${node.tag} is not allowed`, node.range?.[0] ?? 0);
      if (depth > limits.maxDepth) fail(`the document is nested deeper than ${limits.maxDepth}`, node.range?.[0] ?? 0);
      if (isMap(node) && !expanding) refuseTwins(node.items.map(({ key }) => key), fail);
      if (isCollection(node)) for (const item of node.items) visit(item, depth + 1, expanding);
      // An anchor is usable only after its node has ended, so a node cannot contain itself.
      if (node.anchor && !expanding) anchors.set(node.anchor, node as Node);
    }
  };
  visit(document.contents, 1, false);
  return document.toJS({ maxAliasCount: -1 }) as Record<string, unknown>;
}

/** Keys that are written differently may still name one member of an object. */
function refuseTwins(keys: readonly unknown[], fail: (message: string, offset: number) => never): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) fail('map keys must be unique', key.range?.[0] ?? 0);
    seen.add(name);
  }
}

/** The parser recurses per level: what is absurdly deep is refused before it is built. Every level costs at least one of these characters. */
function refuseDeepNesting(text: string, maxDepth: number): void {
  let flow = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 91 || character === 123) flow++;
    else if ((character === 93 || character === 125) && flow > 0) flow--;
    if (flow > maxDepth * 4) throw new InvalidYamlError(`the document is nested deeper than ${maxDepth}`, 1, 1);
  }
  const compact = /(?:[-?] +){65,}/.exec(text);
  if (compact) throw new InvalidYamlError(`the document is nested deeper than ${maxDepth}`, 1, 1);
}
