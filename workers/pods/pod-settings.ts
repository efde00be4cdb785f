import { z } from 'zod';
import { NAME } from '../../core/function/name-pattern';

const port = z.coerce.number().int().min(0).max(65535);
const namespace = z.string().regex(NAME, 'is no name of a namespace');
const registryPrefix = z
  .string()
  .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, 'is no place in a registry such as registry.example.com/presage');

/** Section `kubernetes.pods` of the configuration: functions with `spec.isolation: pod`. */
export const podSettingsSchema = z.strictObject({
  /** Where their pods run. */
  namespace: namespace.default('presage-functions'),
  /** What they are made of. */
  images: z
    .strictObject({
      nodejs: z.string().default('docker.io/library/node:20-bookworm-slim'),
      python: z.string().default('docker.io/library/python:3.11-slim-bookworm'),
      /** For runtime http with source code. */
      http: z.string().default('docker.io/library/debian:bookworm-slim'),
      /** Fetches the code: needs sh, wget and tar. */
      fetch: z.string().default('docker.io/library/busybox:1.37'),
    })
    .prefault({}),
  dnsPolicy: z.enum(['ClusterFirst', 'Default']).default('ClusterFirst'),
  /** User and group that functions run as; 0 needs a namespace of the `baseline` profile. */
  user: z.coerce.number().int().min(0).max(65_535).default(1000),
  runtimeClass: z.string().nullable().default(null),
  /** Annotations of the pods, such as those by which a runtime is told how to restore. */
  annotations: z.record(z.string(), z.string()).default({}),
  /** Where gateways and control workers reach the agents: on ports from `firstPort` on, one for each node; without a host by sockets of this machine. */
  agents: z
    .strictObject({ host: z.string().optional(), firstPort: z.coerce.number().int().min(1).max(60_000).default(7500) })
    .prefault({}),
  /** Where pods fetch their code. */
  code: z
    .strictObject({
      host: z.string().default('0.0.0.0'),
      port: port.default(7480),
      /** As pods reach it; default: http, `agents.host` and the port. */
      url: z.url({ protocol: /^https?$/, error: 'is no URL such as http://pod-agents:7480' }).optional(),
    })
    .prefault({}),
  /** Where functions reach the gateway. */
  gatewayUrl: z
    .url({ protocol: /^https?$/, error: 'is no URL such as http://presage-gateway' })
    .nullable()
    .default(null),
  /** `follow`: what functions write is read by the API server, one connection for each pod. */
  logs: z.enum(['follow', 'none']).default('follow'),
  /** Of instances that start at once on one node. */
  parallelStarts: z.coerce.number().int().min(1).max(500).default(32),
  checkpoints: z
    .strictObject({
      /** Where checkpoint images are pushed to, and pulled from by the nodes; without it there are no checkpoints. */
      registry: registryPrefix.optional(),
      /** Where this process reaches the registry, if not by https at its name. */
      registryUrl: z.url({ protocol: /^https?$/, error: 'is no URL such as http://registry:5000' }).optional(),
      username: z.string().optional(),
      /** File with the password or token. */
      passwordFile: z.string().optional(),
      /** Where the checkpoints of the kubelets are seen by this process; `{node}` stands for a node's name. */
      folder: z.string().default('/var/lib/kubelet/checkpoints'),
    })
    .prefault({}),
});
