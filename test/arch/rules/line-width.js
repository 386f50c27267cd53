const WIDTH = 120;
/** An address, a path or a hash: nothing at which it could be broken. */
const ONE_TOKEN = /^\s*(\/\/|\*|import\b.*from|export\b.*from)?\s*\S+$/;

/** No line is wider than what prettier fills, in comments, texts and templates too, which prettier leaves alone. */
export const lineWidth = {
  meta: { type: 'layout', docs: { description: `No line has more than ${WIDTH} columns.` } },
  create(context) {
    const { sourceCode } = context;
    return {
      Program() {
        for (const [i, line] of sourceCode.lines.entries()) {
          if (line.length <= WIDTH || ONE_TOKEN.test(line)) continue;
          const at = { line: i + 1, column: WIDTH - 1 };
          if (!isKept(sourceCode, at, context.filename))
            context.report({ loc: at, message: `${line.length} columns; ${WIDTH} are the width of the house.` });
        }
      },
    };
  },
};

/** A regular expression cannot be broken; the text of a migration that has run somewhere is kept by its database. */
function isKept(sourceCode, at, filename) {
  const node = sourceCode.getNodeByRangeIndex(sourceCode.getIndexFromLoc(at));
  if (node?.type === 'Literal' && node.regex) return true;
  return /\/migrations\/[^/]+\.ts$/.test(filename) && ['TemplateElement', 'Literal'].includes(node?.type);
}
