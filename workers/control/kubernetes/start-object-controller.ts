import type { KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import type { ObjectSettings } from '../../object-settings';
import { ObjectController, type ObjectControllerOptions } from './object-controller';

type Parts = Omit<ObjectControllerOptions, 'api' | 'namespaces' | 'home' | 'publicUrl'>;

/** Looks after objects where that is switched on. */
export async function startObjectController(
  { enabled, namespaces, home, publicUrl = '' }: ObjectSettings,
  api: KubernetesApi | null,
  parts: Parts,
): Promise<ObjectController | null> {
  if (!enabled || !api) return null;
  const controller = new ObjectController({ ...parts, api, namespaces, home: home ?? api.namespace, publicUrl });
  await controller.start();
  return controller;
}
