import type { ConformanceCase } from '../case.ts';
import { apiOverviewCases } from './api-overview.ts';
import { apiRequestCases } from './api-requests.ts';
import { clientHistoryCases } from './client-history.ts';
import { closeCases } from './closes.ts';
import { connectCases } from './connect.ts';
import { connectionTokenCases } from './connection-tokens.ts';
import { disconnectCases } from './disconnect.ts';
import { expiryCases } from './expiry.ts';
import { framingCases } from './framing.ts';
import { historyCases } from './history.ts';
import { idempotencyCases } from './idempotency.ts';
import { keyCases } from './keys.ts';
import { memberCases } from './members.ts';
import { namespaceCases } from './namespaces.ts';
import { orderCases } from './order.ts';
import { permissionCases } from './permissions.ts';
import { pingCases } from './pings.ts';
import { presenceCases } from './presence.ts';
import { publishCases } from './publish.ts';
import { recoveryCases } from './recovery.ts';
import { recoveryFrameCases } from './recovery-frames.ts';
import { refreshByApiCases } from './refresh-by-api.ts';
import { restartCases } from './restarts.ts';
import { sdkCases } from './sdk.ts';
import { serverSideCases } from './server-side.ts';
import { slowCases } from './slow.ts';
import { subscribeCases } from './subscribe.ts';
import { subscribeByApiCases } from './subscribe-by-api.ts';
import { subscriptionTokenCases } from './subscription-tokens.ts';
import { unsubscribeCases } from './unsubscribe.ts';

/** The whole suite, topic by topic. */
export const allCases: readonly ConformanceCase[] = [
  ...connectCases,
  ...connectionTokenCases,
  ...subscriptionTokenCases,
  ...keyCases,
  ...subscribeCases,
  ...orderCases,
  ...recoveryFrameCases,
  ...serverSideCases,
  ...permissionCases,
  ...clientHistoryCases,
  ...memberCases,
  ...namespaceCases,
  ...expiryCases,
  ...pingCases,
  ...framingCases,
  ...slowCases,
  ...closeCases,
  ...sdkCases,
  ...publishCases,
  ...idempotencyCases,
  ...historyCases,
  ...recoveryCases,
  ...restartCases,
  ...presenceCases,
  ...disconnectCases,
  ...unsubscribeCases,
  ...subscribeByApiCases,
  ...refreshByApiCases,
  ...apiRequestCases,
  ...apiOverviewCases,
];
