/**
 * Unit tests mirror the tree under test/; integration tests start the real servers and run one file at a time, and so do those
 * under test/kubernetes with a real Kubernetes, and those under test/journeys with a real browser.
 */
const transform = {
  '^.+\\.tsx?$': [
    '@swc/jest',
    { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
  ],
  // ES modules, which Jest runs only as CommonJS.
  '/node_modules/jose/.+\\.js$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }],
};
// ES modules as well: the Kubernetes client, and what it needs.
const kubernetesPackages = '@kubernetes/client-node|openid-client|oauth4webapi|jose|jsonpath-plus';
const base = {
  testEnvironment: 'node',
  transform,
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.presage'],
};
module.exports = {
  // Two busy cores take their time; a test that hangs is told all the same.
  testTimeout: 60_000,
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(integration|e2e|kubernetes|journeys)/'],
    },
    { ...base, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
    { ...base, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
    {
      ...base,
      displayName: 'console',
      testMatch: ['<rootDir>/test/journeys/**/*.test.ts'],
      // One platform for all of them.
      globalSetup: '<rootDir>/test/journeys/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/journeys/support/global-teardown.ts',
    },
    {
      ...base,
      displayName: 'kubernetes',
      testMatch: ['<rootDir>/test/kubernetes/**/*.test.ts'],
      transform: {
        ...transform,
        [`/node_modules/(${kubernetesPackages})/.+\\.js$`]: [
          '@swc/jest',
          { jsc: { target: 'es2022' }, module: { type: 'commonjs' } },
        ],
      },
      transformIgnorePatterns: [`/node_modules/(?!(${kubernetesPackages})/)`],
    },
  ],
};
