/** The house of docs/architecture.md: arrows go down only. `only` lists what a room may import. */
const rooms = {
  core: ['core'],
  drivers: ['core', 'drivers'],
  agent: ['core', 'agent', 'drivers/[^/]+\\.ts$', 'drivers/[^/]+/[^/]+\\.ts$'],
  gateway: ['core', 'gateway', 'agent/rpc', 'drivers/[^/]+\\.ts$', 'drivers/[^/]+/[^/]+\\.ts$'],
  activities: ['core', 'activities', 'agent/rpc', 'drivers/[^/]+/[^/]+\\.ts$'],
  workflows: ['core', 'workflows'],
  cli: ['core', 'cli'],
  console: ['core', 'console', 'gateway/(api|console|problem)'],
};

const rules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-down-only`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: '^(core|drivers|agent|gateway|activities|workflows|workers|cli|console|bench|test)/',
    pathNot: allowed.map((target) => `^${target}`),
    ...(room === 'workflows' ? { dependencyTypesNot: ['type-only'] } : {}),
  },
}));

module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^core/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|stream|events|zlib)$' },
    },
    {
      name: 'console-takes-types-only-of-the-gateway',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: '^gateway/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-workers',
      severity: 'error',
      from: { pathNot: '^(workers|test|bench)/' },
      to: { path: '^workers/' },
    },
    {
      name: 'no-dev-package-in-product',
      severity: 'error',
      from: { pathNot: '^(test|bench|examples|workers/all|console)/|job-worker\\.js$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist[^/]*/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js'] },
  },
};
