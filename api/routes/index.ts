import type { ApiDeps } from '../deps';
import type { Route } from '../route';
import { auditRoutes } from './audit';
import { calendarRoutes } from './calendars';
import { commandRoutes } from './commands';
import { delegationRoutes } from './delegations';
import { devMailRoutes } from './devMail';
import { historyRoutes } from './history';
import { issueRoutes } from './issues';
import { matrixRoutes } from './matrix';
import { membershipRoutes } from './memberships';
import { organisationRoutes } from './organisations';
import { personRoutes } from './people';
import { policyRoutes } from './policies';
import { sessionRoutes } from './sessions';
import { studyRoutes } from './studies';
import { documentationRoutes, probeRoutes } from './system';
import { tokenRoutes } from './tokens';
import { welcomeRoutes } from './welcome';

/** Version of the public contract (design §9). */
const API_VERSION = '1.0.0';

/** Every route of the product. */
export function allRoutes(deps: ApiDeps): Route[] {
  const { demo, mailboxUrl } = deps.settings;
  const routes = [
    ...probeRoutes(deps), ...sessionRoutes(deps), ...tokenRoutes(deps),
    ...issueRoutes(deps), ...historyRoutes(deps), ...commandRoutes(deps), ...auditRoutes(deps),
    ...organisationRoutes(deps), ...studyRoutes(deps), ...personRoutes(deps), ...membershipRoutes(deps), ...delegationRoutes(deps),
    ...calendarRoutes(deps), ...policyRoutes(deps), ...matrixRoutes(deps),
    ...welcomeRoutes({ demo: demo && mailboxUrl !== undefined }),
    ...(demo && mailboxUrl !== undefined ? devMailRoutes(mailboxUrl) : []),
  ];
  return [...routes, ...documentationRoutes(routes, API_VERSION)];
}
