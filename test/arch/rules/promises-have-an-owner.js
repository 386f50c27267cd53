const MESSAGE =
  'A promise that is kept for later fails with nobody listening when what comes first throws: catch it here, ' +
  'await it before anything else, or hand it over (Promise.all).';
const SETTLED = /^(allSettled|resolve)$/;

/**
 * A promise is kept in a variable, and something that may end the function comes before the variable is read: another
 * `await` or `yield`, a `return` or `throw`. A variable of an outer function is read by nobody in time.
 * `no-floating-promises` takes the variable for an owner; it is none.
 */
export const promisesHaveAnOwner = {
  meta: { type: 'problem', docs: { description: MESSAGE } },
  create(context) {
    const { sourceCode } = context;
    const services = sourceCode.parserServices;
    const checker = services.program.getTypeChecker();
    const interruptions = [];
    const kept = [];
    const interrupt = (node) => interruptions.push(node);
    const keep = (node, name, value) => {
      if (value && name.type === 'Identifier' && isPromise(value) && !neverRejects(value))
        kept.push({ node, name, value });
    };

    function isPromise(node) {
      const type = services.getTypeAtLocation(node);
      const parts = type.isUnion() ? type.types : [type];
      return parts.some(
        (part) => isThenable(part) || (checker.isArrayType(part) && checker.getTypeArguments(part).some(isThenable)),
      );
    }

    function isThenable(type) {
      return Boolean(checker.getPropertyOfType(type, 'catch') && checker.getPropertyOfType(type, 'then'));
    }

    return {
      AwaitExpression: interrupt,
      YieldExpression: interrupt,
      'ForOfStatement[await=true]': interrupt,
      ReturnStatement: interrupt,
      ThrowStatement: interrupt,
      VariableDeclarator(node) {
        keep(node, node.id, node.init);
      },
      AssignmentExpression(node) {
        // What an assignment gives on (`return cached ??= start()`) has been read.
        if (node.parent.type === 'ExpressionStatement') keep(node, node.left, node.right);
      },
      'Program:exit'() {
        for (const { node, name, value } of kept) {
          const inner = functionOf(node);
          const variable = variableOf(sourceCode.getScope(node), name.name);
          const reads = (variable?.references ?? []).filter(
            (reference) => reference.isRead() && reference.identifier.range[0] >= value.range[1],
          );
          const read = reads
            .map(({ identifier }) => identifier)
            .filter((identifier) => functionOf(identifier) === inner && !isTest(identifier))
            .sort((a, b) => a.range[0] - b.range[0])[0];
          const end = read?.range[0] ?? Infinity;
          const between = interruptions.some(
            (other) =>
              other.range[0] >= value.range[1] &&
              interruptionOf(other) <= end &&
              functionOf(other) === inner &&
              !within(read, other),
          );
          if (!read || between) context.report({ node, message: MESSAGE });
        }
      },
    };
  },
};

/**
 * From where on the statement may have ended the function: an `await` when its operand is evaluated, a loop from its
 * head.
 */
function interruptionOf(node) {
  return node.type === 'ForOfStatement' ? node.right.range[1] : node.range[1];
}

/** `await f(promise)` and `return promise` read it before they end anything. */
function within(read, node) {
  return (
    read !== undefined &&
    node.type !== 'ForOfStatement' &&
    node.range[0] <= read.range[0] &&
    read.range[1] <= node.range[1]
  );
}

/** Whether a value is asked for only: `if (promise)`, `promise ?? other`, `promise === other`. */
function isTest(identifier) {
  const { parent } = identifier;
  if ((parent.type === 'IfStatement' || parent.type === 'ConditionalExpression') && parent.test === identifier)
    return true;
  return parent.type === 'BinaryExpression' || (parent.type === 'UnaryExpression' && parent.operator === '!');
}

/** A promise that has its handler, none that could reject, or one that was started elsewhere. */
function neverRejects(node) {
  if (node.type === 'ChainExpression') return neverRejects(node.expression);
  if (node.type === 'MemberExpression' || node.type === 'Identifier') return true;
  if (node.type === 'AwaitExpression' || node.type === 'TSAsExpression')
    return node.type === 'AwaitExpression' || neverRejects(node.expression);
  if (node.type === 'LogicalExpression') return neverRejects(node.right);
  if (node.type === 'ArrayExpression') return node.elements.every(neverRejects);
  if (node.type === 'NewExpression') return node.callee.name === 'Promise' && node.arguments[0]?.params?.length === 1;
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false;
  const { object, property } = node.callee;
  if (object.name === 'Promise') return SETTLED.test(property.name);
  if (property.name === 'catch') return true;
  if (property.name === 'then') return node.arguments.length > 1;
  if (property.name === 'map')
    return node.arguments[0].type === 'ArrowFunctionExpression' && neverRejects(node.arguments[0].body);
  return property.name === 'finally' && neverRejects(object);
}

function functionOf(node) {
  let current = node.parent;
  while (current && !/Function/.test(current.type) && current.type !== 'StaticBlock') current = current.parent;
  return current ?? null;
}

function variableOf(scope, name) {
  for (let current = scope; current; current = current.upper) if (current.set.has(name)) return current.set.get(name);
  return undefined;
}
