import type { Connection, Model } from 'mongoose';
import * as audit from './schemas/audit';
import * as people from './schemas/people';
import * as records from './schemas/records';

/** One model per collection, made for a connection so that several stores can live in one process. */
export function defineModels(main: Connection, auditDatabase: Connection) {
  return {
    issues: main.model<records.IssueDoc>('Issue', records.issueSchema) as Model<records.IssueDoc>,
    steps: main.model<records.StepDoc>('Step', records.stepSchema) as Model<records.StepDoc>,
    commands: main.model<records.CommandDoc>('Command', records.commandSchema) as Model<records.CommandDoc>,
    notices: main.model<records.NoticeDoc>('Notice', records.noticeSchema) as Model<records.NoticeDoc>,
    counters: main.model<records.CounterDoc>('Counter', records.counterSchema) as Model<records.CounterDoc>,
    organisations: main.model<people.OrganisationDoc>('Organisation', people.organisationSchema) as Model<people.OrganisationDoc>,
    studies: main.model<people.StudyDoc>('Study', people.studySchema) as Model<people.StudyDoc>,
    people: main.model<people.PersonDoc>('Person', people.personSchema) as Model<people.PersonDoc>,
    memberships: main.model<people.MembershipDoc>('Membership', people.membershipSchema) as Model<people.MembershipDoc>,
    delegations: main.model<people.DelegationDoc>('Delegation', people.delegationSchema) as Model<people.DelegationDoc>,
    credentials: main.model<people.CredentialDoc>('Credential', people.credentialSchema) as Model<people.CredentialDoc>,
    calendars: main.model<people.CalendarDoc>('Calendar', people.calendarSchema) as Model<people.CalendarDoc>,
    policies: main.model<people.PolicyDoc>('Policy', people.policySchema) as Model<people.PolicyDoc>,
    matrix: main.model<people.MatrixDoc>('Matrix', people.matrixSchema) as Model<people.MatrixDoc>,
    audit: auditDatabase.model<audit.AuditDoc>('Audit', audit.auditSchema) as Model<audit.AuditDoc>,
    anchors: auditDatabase.model<audit.AnchorDoc>('Anchor', audit.anchorSchema) as Model<audit.AnchorDoc>,
    anchorLeaves: auditDatabase.model<audit.AnchorLeavesDoc>('AnchorLeaves', audit.anchorLeavesSchema) as Model<audit.AnchorLeavesDoc>,
  };
}
export type Models = ReturnType<typeof defineModels>;
