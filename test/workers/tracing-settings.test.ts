import { tracingOf, tracingSettingsSchema } from '../../workers/tracing-settings';

const settings = (input: object = {}) => tracingSettingsSchema.parse(input);

test('off unless an endpoint is given', () => {
  expect(tracingOf(settings(), {})).toBeNull();
  expect(tracingOf(settings(), { OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeNull();
  expect(tracingOf(settings({ endpoint: 'http://c:4318' }), { OTEL_SDK_DISABLED: 'true' })).toBeNull();
});

test('by the variables of OpenTelemetry', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x, x-a=1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-a=2',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
  };
  expect(tracingOf(settings(), env)).toEqual({
    url: 'http://c:4318/v1/traces',
    headers: { authorization: 'Bearer x', 'x-a': '2' },
    ratio: 0.25,
    timeoutMs: 10_000,
    resource: { 'deployment.environment': 'test' },
  });
  expect(tracingOf(settings(), { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/own' })?.url).toBe('http://c/own');
  expect(tracingOf(settings(), { ...env, OTEL_TRACES_SAMPLER_ARG: 'x' })?.ratio).toBe(1);
});

test('the configuration wins', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/own',
    OTEL_TRACES_SAMPLER_ARG: '1',
  };
  const own = settings({ endpoint: 'https://mine/otlp', headers: { k: 'v' }, ratio: 0.5, timeout: '2s' });
  expect(tracingOf(own, env)).toMatchObject({
    url: 'https://mine/otlp/v1/traces',
    headers: { k: 'v' },
    ratio: 0.5,
    timeoutMs: 2_000,
  });
});

test('what is wrong is said', () => {
  expect(() => settings({ endpoint: 'grpc://c' })).toThrow('must be an http(s) URL');
  expect(() => settings({ ratio: 2 })).toThrow();
});
