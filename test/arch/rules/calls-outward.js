const CLIENTS = /^(fetch|WebSocket|EventSource)$/;
const HELD = `:matches([property.name=${CLIENTS}], [property.value=${CLIENTS}])`;

/** Finds the clients that Node has as globals, and not a parameter or function that has the name of one. */
export const callsOutward = {
  meta: { type: 'problem', docs: { description: 'No global of Node calls outward.' } },
  create(context) {
    const report = (node) =>
      context.report({ node, message: 'Outward goes Egress of #platform/egress; only the main job calls ourselves.' });
    return {
      ['MemberExpression[object.name=/^global(This)?$/]' + HELD]: report,
      'Program:exit'() {
        for (const { identifier } of context.sourceCode.scopeManager.globalScope.through)
          if (CLIENTS.test(identifier.name)) report(identifier);
      },
    };
  },
};
