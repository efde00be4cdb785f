import { z } from 'zod';
import { podSettingsSchema } from './pods/pod-settings';

/** As in Kubernetes: an optional prefix of a host name, and a name. */
const labelKey = z
  .string()
  .regex(/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/, 'is no key of a label');

/** Section `kubernetes` of the configuration. Without kubeconfig and server: `$KUBECONFIG`, `~/.kube/config`, or the pod's own service account. */
export const kubernetesSettingsSchema = z
  .strictObject({
    /** Path of a kubeconfig file. */
    kubeconfig: z.string().optional(),
    /** One of its contexts; default: its current one. */
    context: z.string().optional(),
    /** Instead of a kubeconfig: the API server's URL. */
    server: z.url({ protocol: /^https?$/, error: 'is no URL such as https://10.0.0.1:6443' }).optional(),
    /** PEM file with the authority of the API server's certificate. */
    caFile: z.string().optional(),
    /** File with a bearer token; it is read again as it changes. */
    tokenFile: z.string().optional(),
    /** Label of nodes with `edge`, `regional` or `central`; nodes without it are not the platform's. */
    tierLabel: labelKey.default('presage.dev/tier'),
    regionLabel: labelKey.default('topology.kubernetes.io/region'),
    /** Taints that say that a node is about to go, besides all with the effect NoExecute: it is drained. */
    drainTaints: z
      .array(labelKey)
      .default(['presage.dev/drain', 'ToBeDeletedByClusterAutoscaler', 'karpenter.sh/disrupted']),
    /** Where agents listen that do not say it themselves. */
    agentPort: z.coerce.number().int().min(1).max(65535).default(7443),
    pods: podSettingsSchema.prefault({}),
  })
  .superRefine(({ kubeconfig, server, context, caFile, tokenFile }, check) => {
    const issue = (path: string, message: string): void => check.addIssue({ code: 'custom', path: [path], message });
    if (kubeconfig !== undefined && server !== undefined) issue('server', 'stands beside kubeconfig: give one of them');
    if (server !== undefined && context !== undefined) issue('context', 'is of a kubeconfig, and there is a server');
    for (const [name, file] of Object.entries({ caFile, tokenFile }))
      if (file !== undefined && server === undefined) issue(name, 'goes with server, which is not given');
  });
