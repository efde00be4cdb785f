import { NeedsScope } from '../../ui/needs-scope';
import { Tabs } from '../../ui/tabs';
import { AdviceTab } from './advice-tab';
import { ChecksTab } from './checks-tab';
import { PricesTab } from './prices-tab';
import { SpendTab } from './spend-tab';
import { StatementTab } from './statement-tab';

/** What was charged, what that comes to, what could be saved, and at which prices. */
export default function CostPage() {
  return (
    <>
      <h1>Cost</h1>
      <NeedsScope scope="read" to="see what was charged">
        <Tabs
          label="Parts of cost"
          tabs={[
            { id: 'spend', label: 'Spend', content: () => <SpendTab /> },
            { id: 'statement', label: 'Statement', content: () => <StatementTab /> },
            { id: 'recommendations', label: 'Recommendations', content: () => <AdviceTab /> },
            { id: 'checks', label: 'Ledger check', content: () => <ChecksTab /> },
            { id: 'prices', label: 'Prices', content: () => <PricesTab /> },
          ]}
        />
      </NeedsScope>
    </>
  );
}
