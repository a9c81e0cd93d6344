import type { Connection } from 'mongoose';
import * as audit from './schemas/audit';
import * as people from './schemas/people';
import * as records from './schemas/records';

/** One model per collection, made for a connection so that several stores can live in one process. */
export function defineModels(main: Connection, auditDatabase: Connection) {
  return {
    records: main.model<records.RecordDoc>('Record', records.recordSchema),
    steps: main.model<records.StepDoc>('Step', records.stepSchema),
    commands: main.model<records.CommandDoc>('Command', records.commandSchema),
    notices: main.model<records.NoticeDoc>('Notice', records.noticeSchema),
    counters: main.model<records.CounterDoc>('Counter', records.counterSchema),
    organisations: main.model<people.OrganisationDoc>('Organisation', people.organisationSchema),
    studies: main.model<people.StudyDoc>('Study', people.studySchema),
    people: main.model<people.PersonDoc>('Person', people.personSchema),
    memberships: main.model<people.MembershipDoc>('Membership', people.membershipSchema),
    delegations: main.model<people.DelegationDoc>('Delegation', people.delegationSchema),
    credentials: main.model<people.CredentialDoc>('Credential', people.credentialSchema),
    calendars: main.model<people.CalendarDoc>('Calendar', people.calendarSchema),
    policies: main.model<people.PolicyDoc>('Policy', people.policySchema),
    matrix: main.model<people.MatrixDoc>('Matrix', people.matrixSchema),
    audit: auditDatabase.model<audit.AuditDoc>('Audit', audit.auditSchema),
    anchors: auditDatabase.model<audit.AnchorDoc>('Anchor', audit.anchorSchema),
    anchorLeaves: auditDatabase.model<audit.AnchorLeavesDoc>('AnchorLeaves', audit.anchorLeavesSchema),
  };
}
export type Models = ReturnType<typeof defineModels>;
