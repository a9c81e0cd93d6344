import type { ApiDeps } from '../deps';
import type { Route } from '../route';
import { admissionRoutes } from './admissions';
import { agendaRoutes } from './agenda';
import { announcementRoutes } from './announcements';
import { auditRoutes } from './audit';
import { calendarRoutes } from './calendars';
import { capaPatchRoute } from './capaPatch';
import { capaMetricsRoutes } from './capaMetrics';
import { capaReportRoutes } from './capaReport';
import { capaImportRoutes } from './capaImports';
import { capaRoutes } from './capas';
import { capaTableRoutes } from './capaTable';
import { capaTemplateRoutes } from './capaTemplates';
import { channelRoutes } from './channels';
import { commandRoutes } from './commands';
import { consentRoutes } from './consents';
import { controlRoutes } from './controls';
import { delegationRoutes } from './delegations';
import { devMailRoutes } from './devMail';
import { drillRoutes } from './drills';
import { evidenceRoutes } from './evidence';
import { evidenceUploadRoutes } from './evidenceUploads';
import { filingRoutes } from './filing';
import { findingRoutes } from './findings';
import { historyRoutes } from './history';
import { hookRoutes } from './hooks';
import { inboxRoutes } from './inbox';
import { issueRoutes } from './issues';
import { latenessRoutes } from './lateness';
import { legalHoldRoutes } from './legalHolds';
import { matrixRoutes } from './matrix';
import { membershipRoutes } from './memberships';
import { organisationRoutes } from './organisations';
import { outageRoutes } from './outages';
import { personRoutes } from './people';
import { policyRoutes } from './policies';
import { policyDraftRoutes } from './policyDrafts';
import { preferenceRoutes } from './preferences';
import { refusalRoutes } from './refusals';
import { replanRoutes } from './replan';
import { sessionRoutes } from './sessions';
import { signInTrailRoutes } from './signInTrail';
import { signerRoutes } from './signers';
import { signingRoutes } from './signing';
import { simulationRoutes } from './simulations';
import { sourceRoutes } from './sources';
import { statementRoutes } from './statement';
import { studyRoutes } from './studies';
import { documentationRoutes, probeRoutes } from './system';
import { tokenRoutes } from './tokens';
import { topicRoutes } from './topics';
import { trailRoutes } from './trails';
import { trailVersionRoutes } from './trailVersions';
import { totpRoutes } from './totp';
import { versionRoutes } from './versions';
import { welcomeRoutes } from './welcome';

/** Version of the public contract. */
const API_VERSION = '1.0.0';

/** Every route of the product. */
export function allRoutes(deps: ApiDeps): Route[] {
  const { demo, mailboxUrl } = deps.settings;
  const routes = [
    ...probeRoutes(deps), ...sessionRoutes(deps), ...signInTrailRoutes(deps), ...tokenRoutes(deps),
    ...issueRoutes(deps), ...controlRoutes(deps), ...drillRoutes(deps), ...historyRoutes(deps), ...versionRoutes(deps), ...commandRoutes(deps), ...auditRoutes(deps), ...latenessRoutes(deps), ...outageRoutes(deps),
    ...organisationRoutes(deps), ...refusalRoutes(deps), ...studyRoutes(deps), ...personRoutes(deps), ...membershipRoutes(deps), ...delegationRoutes(deps),
    ...calendarRoutes(deps), ...policyRoutes(deps), ...policyDraftRoutes(deps), ...replanRoutes(deps), ...simulationRoutes(deps), ...agendaRoutes(deps), ...topicRoutes(deps), ...matrixRoutes(deps),
    ...filingRoutes(deps), ...inboxRoutes(deps), ...announcementRoutes(deps), ...admissionRoutes(deps), ...channelRoutes(deps), ...preferenceRoutes(deps),
    ...sourceRoutes(deps), ...hookRoutes(deps),
    // Before the route of one CAPA, whose id would be `metrics`.
    ...capaMetricsRoutes(deps), ...capaTableRoutes(deps), ...capaTemplateRoutes(deps),
    ...capaRoutes(deps), ...capaImportRoutes(deps), ...capaReportRoutes(deps), ...findingRoutes(deps), capaPatchRoute(deps), ...evidenceUploadRoutes(deps), ...evidenceRoutes(deps), ...consentRoutes(deps), ...legalHoldRoutes(deps),
    ...signingRoutes(deps), ...signerRoutes(deps), ...statementRoutes(deps), ...totpRoutes(deps),
    ...welcomeRoutes({ demo: demo && mailboxUrl !== undefined }),
    ...(demo && mailboxUrl !== undefined ? devMailRoutes(mailboxUrl) : []),
  ];
  const all = [...routes, ...trailRoutes(deps, routes), ...trailVersionRoutes(deps, routes)];
  return [...all, ...documentationRoutes(all, API_VERSION)];
}
