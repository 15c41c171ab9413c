// Stryker's plugin for what is no behaviour: the name of an asset. A wrong one compiles nowhere (src/runtime.d.ts), and
// with it no test file would even load, which Stryker counts neither as caught nor as missed.
const isAssetList = (node) =>
  node?.type === 'CallExpression' &&
  node.callee.type === 'MemberExpression' &&
  node.callee.property.name === 'getAssets';

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'asset-names',
    value: {
      shouldIgnore: ({ node, parent }) =>
        node.type === 'StringLiteral' && parent?.type === 'MemberExpression' && isAssetList(parent.object)
          ? 'The name of an asset: a wrong one does not compile.'
          : undefined,
    },
  },
];
