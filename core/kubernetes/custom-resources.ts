import { manifestSchema } from '../function/manifest';
import { NAME } from '../function/name-pattern';
import { placementPolicySpecSchema } from '../plan/placement-policy';
import { budgetSpecSchema } from '../budget/budget-spec';
import { functionCodeSchema } from './function-code';
import { GROUP } from './declared-object';
import { BUDGET_RULES, FUNCTION_RULES } from './schema-rules';
import { schemaAt, structuralSchema, type StructuralSchema } from './structural-schema';

/** A kind of object of ours, as Kubernetes is told of it. */
export interface CustomResource {
  readonly kind: 'Function' | 'Budget' | 'PlacementPolicy';
  readonly plural: string;
  readonly version: string;
}

export const FUNCTIONS: CustomResource = { kind: 'Function', plural: 'functions', version: 'v1' };
export const BUDGETS: CustomResource = { kind: 'Budget', plural: 'budgets', version: 'v1alpha1' };
export const PLACEMENT_POLICIES: CustomResource = {
  kind: 'PlacementPolicy',
  plural: 'placementpolicies',
  version: 'v1alpha1',
};

interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  /** Above 0: shown only by `-o wide`. */
  readonly priority?: number;
}

const AGE: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const status = (type: string): string => `.status.conditions[?(@.type=="${type}")].status`;
const reason = (type: string): string => `.status.conditions[?(@.type=="${type}")].reason`;

/** The definitions of all kinds, as objects of `apiextensions.k8s.io/v1`. */
export function customResourceDefinitions(): readonly Record<string, unknown>[] {
  return [
    definition(FUNCTIONS, {
      shortNames: ['fn', 'fns'],
      description: 'A function of the tenant that is named like its namespace.',
      spec: functionSpec(),
      status: {
        revision: { type: 'integer', format: 'int64', description: 'the revision that serves `live`' },
        codeDigest: { type: 'string', description: 'of the code that was asked for' },
        url: { type: 'string', description: 'where the function is called' },
      },
      columns: [
        { name: 'Ready', type: 'string', jsonPath: status('Ready') },
        { name: 'Reason', type: 'string', jsonPath: reason('Ready'), priority: 1 },
        { name: 'Revision', type: 'integer', jsonPath: '.status.revision' },
        { name: 'Isolation', type: 'string', jsonPath: '.spec.isolation' },
        { name: 'URL', type: 'string', jsonPath: '.status.url' },
        AGE,
      ],
    }),
    definition(BUDGETS, {
      shortNames: ['bgt'],
      description:
        'What the functions of the tenant that is named like the namespace may cost, and what happens before and when it runs out.',
      spec: withRules(structuralSchema(budgetSpecSchema), BUDGET_RULES),
      status: {},
      columns: [
        { name: 'Accepted', type: 'string', jsonPath: status('Accepted') },
        { name: 'Enforced', type: 'string', jsonPath: status('Enforced') },
        { name: 'Exhausted', type: 'string', jsonPath: status('Exhausted') },
        { name: 'Limit', type: 'string', jsonPath: '.spec.limit' },
        { name: 'Period', type: 'string', jsonPath: '.spec.period' },
        AGE,
      ],
    }),
    definition(PLACEMENT_POLICIES, {
      shortNames: ['plp'],
      description:
        'What counts in placing functions instead of what is configured. It counts in the namespace of the platform alone.',
      spec: structuralSchema(placementPolicySpecSchema),
      status: {},
      columns: [
        { name: 'Accepted', type: 'string', jsonPath: status('Accepted') },
        { name: 'Effective', type: 'string', jsonPath: status('Effective') },
        { name: 'Reason', type: 'string', jsonPath: reason('Effective'), priority: 1 },
        AGE,
      ],
    }),
  ];
}

function functionSpec(): StructuralSchema {
  const spec = schemaAt(structuralSchema(manifestSchema), 'spec');
  const withCode = { ...spec, properties: { code: structuralSchema(functionCodeSchema), ...spec.properties } };
  const triggers = schemaAt(withCode, 'triggers');
  // Names are unique, and who applies one trigger leaves those of others alone.
  Object.assign(triggers, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] });
  return withRules(withCode, FUNCTION_RULES);
}

function withRules(spec: StructuralSchema, rules: typeof FUNCTION_RULES): StructuralSchema {
  const root: StructuralSchema = { properties: { spec } };
  for (const [path, ofPath] of Object.entries(rules)) schemaAt(root, path)['x-kubernetes-validations'] = ofPath;
  return spec;
}

interface Definition {
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: StructuralSchema;
  readonly status: Readonly<Record<string, StructuralSchema>>;
  readonly columns: readonly Column[];
}

function definition({ kind, plural, version }: CustomResource, wanted: Definition): Record<string, unknown> {
  const { shortNames, description, spec, status: fields, columns } = wanted;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}`, labels: { 'app.kubernetes.io/name': 'presage' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames,
        categories: ['presage'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec,
                status: statusSchema(fields),
              },
              'x-kubernetes-validations': [
                {
                  rule: `self.metadata.name.matches(${JSON.stringify(NAME.source)})`,
                  message: 'metadata.name must be 1-63 of a-z, 0-9 and "-", not starting or ending with "-"',
                },
              ],
            },
          },
        },
      ],
    },
  };
}

function statusSchema(fields: Readonly<Record<string, StructuralSchema>>): StructuralSchema {
  const text = (pattern?: string): StructuralSchema => ({ type: 'string', ...(pattern ? { pattern } : {}) });
  return {
    type: 'object',
    properties: {
      observedGeneration: { type: 'integer', format: 'int64' },
      ...fields,
      conditions: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
        items: {
          type: 'object',
          required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
          properties: {
            type: text(),
            status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
            reason: text('^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$'),
            message: { type: 'string', maxLength: 32_768 },
            observedGeneration: { type: 'integer', format: 'int64' },
            lastTransitionTime: { type: 'string', format: 'date-time' },
          },
        },
      },
    },
  };
}
