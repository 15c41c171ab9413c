// A plugin of Stryker's. In `pattern.exec(text ?? '')` and `pattern.test(text ?? '')` the empty text stands for a text that
// isn't there and that no pattern accepts, and any other such text would do.
const isPatternCall = (node) =>
  node?.type === 'CallExpression' &&
  node.callee.type === 'MemberExpression' &&
  ['exec', 'test'].includes(node.callee.property.name);

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'unmatched-text',
    value: {
      shouldIgnore: ({ node, parent, parentPath }) =>
        node.type === 'StringLiteral' &&
        node.value === '' &&
        parent?.type === 'LogicalExpression' &&
        parent.operator === '??' &&
        isPatternCall(parentPath?.parent)
          ? 'A text that no pattern accepts, as any other would be.'
          : undefined,
    },
  },
];
