import { CODE_HINT } from './function-code';
import type { CelRule } from './structural-schema';

/** Rules by the path of the schema that they stand at. */
type RulesByPath = Readonly<Record<string, readonly CelRule[]>>;

/** What zod's refinements say of a Function, as far as it can be said within the cost that the API server allows. */
export const FUNCTION_RULES: RulesByPath = {
  spec: [
    { rule: 'has(self.code)', message: CODE_HINT },
    {
      rule: "self.runtime != 'http' || has(self.command) || has(self.image)",
      message: 'runtime http needs a command, or an image that has one',
    },
    {
      rule: "self.runtime != 'http' || !has(self.handler)",
      message: 'runtime http has no handler; remove it or choose runtime nodejs or python',
    },
    {
      rule: "self.runtime == 'http' || has(self.handler)",
      message: 'runtimes nodejs and python need a handler, e.g. index.handler or main.handler',
    },
    { rule: "self.runtime == 'http' || !has(self.command)", message: 'only runtime http takes a command' },
    { rule: 'self.async.enabled || size(self.triggers) == 0', message: 'triggers need async.enabled to be true' },
    {
      rule: '!has(self.scale.reserved) || self.scale.reserved <= (has(self.scale.maxInFlight) ? self.scale.maxInFlight : self.scale.max * self.concurrency)',
      message: 'scale.reserved is above what the function uses at most: scale.maxInFlight, or scale.max × concurrency',
    },
  ],
  'spec.scale': [{ rule: 'self.min <= self.max', message: 'min is above max' }],
  'spec.triggers[]': [
    {
      rule: 'has(self.cron) != has(self.webhook)',
      message: 'a trigger has either a cron expression or a webhook (webhook: {} will do)',
    },
    { rule: '!has(self.webhook) || !has(self.body)', message: 'the body of a webhook comes from its caller' },
  ],
  'spec.code': [
    {
      rule: '[has(self.digest), has(self.configMap), has(self.files)].exists_one(given, given)',
      message: 'give one of digest, configMap and files',
    },
  ],
};

export const BUDGET_RULES: RulesByPath = {
  'spec.limit': [{ rule: "self.matches('[1-9]')", message: 'must be above 0' }],
  'spec.degrade': [
    {
      rule: "!('refuse' in self) || self[size(self) - 1] == 'refuse'",
      message: 'refuse comes last: there is nothing that could be done after it',
    },
  ],
};
