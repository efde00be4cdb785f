import { href, navigate, useLocation } from '../../app/router';
import { Tabs } from '../../ui/tabs';
import { AuditTab } from './audit-tab';
import { KeysTab } from './keys-tab';
import { LimitsTab } from './limits-tab';
import { SecretsTab } from './secrets-tab';
import '../functions/functions.css';

/** Who may do what, what functions are told in secret, how much may be asked for, and who has changed what. */
export default function AccessPage() {
  const tab = new URLSearchParams(useLocation().search).get('tab') ?? 'keys';
  return (
    <>
      <h1>Access</h1>
      <Tabs
        label="Parts of access"
        first={tab}
        onShow={(id) => navigate(`${href('access')}?tab=${id}`, { replace: true })}
        tabs={[
          { id: 'keys', label: 'Keys', content: () => <KeysTab /> },
          { id: 'secrets', label: 'Secrets', content: () => <SecretsTab /> },
          { id: 'limits', label: 'Limits', content: () => <LimitsTab /> },
          { id: 'audit', label: 'Audit log', content: () => <AuditTab /> },
        ]}
      />
    </>
  );
}
