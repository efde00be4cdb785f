import { useSession } from '../../session/session';

/** How the tenant's functions do, at a glance. */
export default function OverviewPage() {
  const { tenant } = useSession();
  return <h1>Overview of {tenant}</h1>;
}
