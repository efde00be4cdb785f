import { useSession } from './session';

/** Is this login a platform operator's: an admin of the tenant `default`, who sees and manages what belongs to no tenant? */
export function useOperator(): boolean {
  const { tenant, can } = useSession();
  return tenant === 'default' && can('admin');
}
