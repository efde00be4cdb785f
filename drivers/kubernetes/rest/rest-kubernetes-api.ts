import type { Readable } from 'node:stream';
import type { Registry } from 'prom-client';
import { isPlatformError } from '../../../core/error/platform-error';
import type {
  ApplyOptions,
  DeleteOptions,
  Informer,
  InformerOptions,
  KubernetesApi,
  ListQuery,
  ObjectList,
  PatchStep,
  RawRequest,
  WriteOptions,
} from '../kubernetes-api';
import { pathOfObject, pathOfType, type KubernetesObject, type ObjectRef, type ResourceType } from '../resource-type';
import { Connection, type KubernetesConnectionSettings } from './connection';
import { KubernetesCalls } from './kubernetes-calls';
import { listAll } from './list-all';
import { Reflector } from './reflector';
import { Transport, type ApiCall } from './transport';

/** The API server as JSON over HTTP; who we are and how to get there is @kubernetes/client-node's part. */
export class RestKubernetesApi implements KubernetesApi {
  readonly url: string;
  readonly namespace: string;
  readonly #transport: Transport;
  readonly #informers = new Set<Informer<KubernetesObject>>();

  private constructor(
    private readonly connection: Connection,
    readonly calls: KubernetesCalls,
  ) {
    this.url = connection.url;
    this.namespace = connection.namespace;
    this.#transport = new Transport(connection, calls);
  }

  /**
   * Asks nothing of the API server yet: it may be away.
   * @param registry where its calls are counted
   * @throws PlatformError invalid_argument as `Connection.open`
   */
  static async open(settings: KubernetesConnectionSettings, registry?: Registry): Promise<RestKubernetesApi> {
    return new RestKubernetesApi(await Connection.open(settings), new KubernetesCalls(registry));
  }

  async get<T extends KubernetesObject>(type: ResourceType<T>, ref: ObjectRef): Promise<T> {
    return (await this.#send('get', type, { method: 'GET', path: pathOfObject(type, ref), about: nameOf(ref) })) as T;
  }

  async find<T extends KubernetesObject>(type: ResourceType<T>, ref: ObjectRef): Promise<T | null> {
    try {
      return await this.get(type, ref);
    } catch (error) {
      if (isPlatformError(error) && error.code === 'not_found') return null;
      throw error;
    }
  }

  list<T extends KubernetesObject>(type: ResourceType<T>, query: ListQuery = {}): Promise<ObjectList<T>> {
    return listAll(this.#transport, type, query);
  }

  create<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const path =
      options.subresource === undefined
        ? pathOfType(type, object.metadata?.namespace)
        : pathOfObject(type, refOf(object), options.subresource);
    return this.#write('create', type, object, options, { method: 'POST', path });
  }

  replace<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const path = pathOfObject(type, refOf(object), options.subresource);
    return this.#write('update', type, object, options, { method: 'PUT', path });
  }

  apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: ApplyOptions = {}): Promise<T> {
    const { fieldManager = 'presage', force = true, subresource } = options;
    const path = pathOfObject(type, refOf(object), subresource);
    return this.#write('patch', type, object, options, {
      method: 'PATCH',
      path: `${path}?fieldManager=${encodeURIComponent(fieldManager)}&force=${force}`,
      contentType: 'application/apply-patch+yaml',
    });
  }

  async patch<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: object | readonly PatchStep[],
    { subresource, dryRun }: WriteOptions = {},
  ): Promise<T> {
    return (await this.#send('patch', type, {
      method: 'PATCH',
      path: withDryRun(pathOfObject(type, ref, subresource), dryRun),
      body: patch,
      contentType: Array.isArray(patch) ? 'application/json-patch+json' : 'application/merge-patch+json',
      about: nameOf(ref),
      subresource,
    })) as T;
  }

  async delete(type: ResourceType, ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { propagation, graceSeconds, uid, dryRun } = options;
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
      ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    };
    const path = withDryRun(pathOfObject(type, ref), dryRun);
    await this.#send('delete', type, { method: 'DELETE', path, body, about: nameOf(ref) });
  }

  watch<T extends KubernetesObject>(type: ResourceType<T>, options: InformerOptions<T> = {}): Informer<T> {
    const informer = new Reflector(this.#transport, this.calls, type, options);
    const known: Informer<KubernetesObject> = informer;
    this.#informers.add(known);
    return {
      objects: informer.objects,
      synced: informer.synced,
      stop: () => {
        this.#informers.delete(known);
        return informer.stop();
      },
    };
  }

  raw(request: RawRequest): Promise<unknown> {
    return this.#transport.send(request);
  }

  stream(request: RawRequest, signal: AbortSignal): Promise<Readable> {
    return this.#transport.open({ ...request, endless: true }, signal);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#informers].map((informer) => informer.stop()));
    this.#informers.clear();
    this.connection.close();
  }

  async #write<T extends KubernetesObject>(
    verb: string,
    type: ResourceType<T>,
    object: T,
    { subresource, dryRun }: WriteOptions,
    call: Pick<ApiCall, 'method' | 'path' | 'contentType'>,
  ): Promise<T> {
    const body = { apiVersion: type.apiVersion, kind: type.kind, ...object };
    const path = withDryRun(call.path, dryRun);
    return (await this.#send(verb, type, { ...call, path, body, about: nameOf(refOf(object)), subresource })) as T;
  }

  #send(
    verb: string,
    type: ResourceType,
    { subresource, ...call }: Omit<ApiCall, 'verb' | 'resource'> & { readonly subresource?: string | undefined },
  ): Promise<unknown> {
    const resource = subresource === undefined ? type.plural : `${type.plural}/${subresource}`;
    return this.#transport.send({ ...call, verb, resource });
  }
}

function refOf({ metadata }: KubernetesObject): ObjectRef {
  return { name: metadata?.name ?? metadata?.generateName ?? '', namespace: metadata?.namespace };
}

function nameOf({ name, namespace }: ObjectRef): string {
  return namespace === undefined ? `"${name}"` : `"${name}" in "${namespace}"`;
}

function withDryRun(path: string, dryRun = false): string {
  if (!dryRun) return path;
  return `${path}${path.includes('?') ? '&' : '?'}dryRun=All`;
}
