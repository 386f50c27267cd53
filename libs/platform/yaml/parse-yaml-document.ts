import { DomainError } from '#kernel';
import {
  LineCounter,
  type Node,
  type YAMLMap,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  parseDocument,
} from 'yaml';

export interface YamlLimits {
  /** UTF-8 size of the text. */
  maxBytes: number;
  maxDepth: number;
  /** Nodes that aliases may add when they are expanded. */
  maxAliasNodes: number;
}

const DOCUMENT_LIMITS: YamlLimits = { maxBytes: 262_144, maxDepth: 32, maxAliasNodes: 100 };

/** The YAML 1.2 core schema's tags; everything else could load code somewhere. */
const CORE_TAGS = new Set(
  ['null', 'bool', 'int', 'float', 'str', 'seq', 'map'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** 400 `invalid_yaml` with the place of the fault. */
export class InvalidYamlError extends DomainError {
  constructor(message: string, line: number, column: number) {
    super(400, 'invalid_yaml', { detail: `Line ${line}, column ${column}: ${message}`, members: { line, column } });
  }
}

/**
 * Reads hostile YAML as data: core schema only, one document that is a mapping, no custom tag, no duplicate key,
 * bounded size, depth and alias expansion (trading.md 9). Throws InvalidYamlError.
 */
export function parseYamlDocument(text: string, limits: YamlLimits = DOCUMENT_LIMITS): Record<string, unknown> {
  if (Buffer.byteLength(text) > limits.maxBytes)
    throw new InvalidYamlError(`the document is larger than ${limits.maxBytes} bytes`, 1, 1);
  refuseDeepNesting(text, limits.maxDepth);
  const lines = new LineCounter();
  // Keys are compared below: the parser compares each with all before it, which takes seconds for a document of one
  // long mapping.
  const document = parseDocument(text, {
    schema: 'core',
    version: '1.2',
    uniqueKeys: false,
    merge: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  });
  const fail = (message: string, offset: number): never => {
    const { line, col } = lines.linePos(offset);
    throw new InvalidYamlError(message.slice(0, 300), Math.max(line, 1), Math.max(col, 1));
  };
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) fail(fault.message, fault.pos[0]);
  if (!isMap(document.contents)) fail('the document must be a mapping', 0);

  const anchors = new Map<string, Node>();
  let budget = limits.maxAliasNodes;
  /** `alias`: where the alias stands that is being expanded. */
  const visit = (node: unknown, depth: number, alias: number | null): void => {
    if (alias !== null && --budget < 0) fail(`aliases expand to more than ${limits.maxAliasNodes} nodes`, alias);
    if (isAlias(node)) {
      const at = offsetOf(node);
      return visit(
        anchors.get(node.source) ?? fail(`the alias ${node.source} has no anchor before it`, at),
        depth,
        alias ?? at,
      );
    }
    if (!isScalar(node) && !isCollection(node)) return;
    if (node.tag && !CORE_TAGS.has(node.tag)) fail(`the tag ${node.tag} is not allowed`, offsetOf(node));
    if (depth > limits.maxDepth) fail(`the document is nested deeper than ${limits.maxDepth}`, offsetOf(node));
    if (isMap(node)) visitPairs(node, depth, alias);
    else if (isCollection(node)) for (const item of node.items) visit(item, depth + 1, alias);
    // An anchor is usable only after its node has ended, so a node cannot contain itself.
    if (node.anchor && alias === null) anchors.set(node.anchor, node as Node);
  };
  const visitPairs = ({ items }: YAMLMap, depth: number, alias: number | null): void => {
    const seen = new Set<string>();
    for (const { key, value } of items) {
      if (!isScalar(key)) return fail('keys must be plain scalars', offsetOf(key));
      // As members of an object 1 and "1" are one key.
      const name = key.value === null ? '' : String(key.value);
      if (seen.has(name)) fail(`the key ${name} stands here twice`, offsetOf(key));
      seen.add(name);
      visit(value, depth + 1, alias);
    }
  };
  visit(document.contents, 1, null);
  return document.toJS({ maxAliasCount: -1 }) as Record<string, unknown>;
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/**
 * The parser recurses per level: what is absurdly deep is refused before it is built. Every level costs at least one of
 * these characters.
 */
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
