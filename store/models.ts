import type { Connection } from 'mongoose';
import * as access from './schemas/access';
import * as audit from './schemas/audit';
import * as capaImports from './schemas/capaImports';
import * as channels from './schemas/channels';
import * as consents from './schemas/consents';
import * as evidence from './schemas/evidence';
import * as findings from './schemas/findings';
import * as matrix from './schemas/matrix';
import * as people from './schemas/people';
import * as policies from './schemas/policies';
import * as lateness from './schemas/lateness';
import * as outages from './schemas/outages';
import * as records from './schemas/records';
import * as signatures from './schemas/signatures';
import * as slots from './schemas/slots';
import * as sources from './schemas/sources';
import * as topics from './schemas/topics';
import * as tallies from './schemas/tallies';

/** One model per collection, made for a connection so that several stores can live in one process. */
export function defineModels(main: Connection, auditDatabase: Connection) {
  return {
    records: main.model<records.RecordDoc>('Record', records.recordSchema),
    steps: main.model<records.StepDoc>('Step', records.stepSchema),
    commands: main.model<records.CommandDoc>('Command', records.commandSchema),
    notices: main.model<records.NoticeDoc>('Notice', records.noticeSchema),
    channels: main.model<channels.ChannelDoc>('Channel', channels.channelSchema),
    preferences: main.model<channels.PreferencesDoc>('Preferences', channels.preferencesDocSchema),
    digests: main.model<channels.DigestDoc>('Digest', channels.digestDocSchema),
    sources: main.model<sources.SourceDoc>('Source', sources.sourceSchema),
    nonces: main.model<sources.NonceDoc>('Nonce', sources.nonceSchema),
    triggers: main.model<sources.TriggerDoc>('Trigger', sources.triggerSchema),
    tallies: main.model<tallies.TallyDoc>('Tally', tallies.tallySchema),
    slots: main.model<slots.SlotDoc>('Slot', slots.slotSchema),
    deadlineLedger: main.model<lateness.PassedDeadlineDoc>('PassedDeadline', lateness.passedDeadlineSchema),
    heartbeats: main.model<outages.HeartbeatDoc>('Heartbeat', outages.heartbeatSchema),
    outages: main.model<outages.OutageDoc>('Outage', outages.outageSchema),
    counters: main.model<records.CounterDoc>('Counter', records.counterSchema),
    organisations: main.model<people.OrganisationDoc>('Organisation', people.organisationSchema),
    studies: main.model<people.StudyDoc>('Study', people.studySchema),
    people: main.model<people.PersonDoc>('Person', people.personSchema),
    memberships: main.model<people.MembershipDoc>('Membership', people.membershipSchema),
    announcements: main.model<access.AnnouncementDoc>('Announcement', access.announcementSchema),
    signInFailures: main.model<access.SignInFailuresDoc>('SignInFailures', access.signInFailuresSchema),
    admissions: main.model<access.AdmissionDoc>('Admission', access.admissionSchema),
    delegations: main.model<people.DelegationDoc>('Delegation', people.delegationSchema),
    credentials: main.model<people.CredentialDoc>('Credential', people.credentialSchema),
    calendars: main.model<people.CalendarDoc>('Calendar', people.calendarSchema),
    policies: main.model<policies.PolicyDoc>('Policy', policies.policySchema),
    policyDrafts: main.model<policies.PolicyDraftDoc>('PolicyDraft', policies.policyDraftSchema),
    capaPolicies: main.model<policies.PolicyVersionDoc<'timings'>>('CapaPolicy', policies.capaPolicySchema),
    capaPolicyDrafts: main.model<policies.PolicyDraftDoc<'timings'>>('CapaPolicyDraft', policies.capaPolicyDraftSchema),
    agendaItems: main.model<policies.AgendaItemDoc>('AgendaItem', policies.agendaItemSchema),
    matrix: main.model<matrix.MatrixDoc>('Matrix', matrix.matrixSchema),
    matrixProposals: main.model<matrix.MatrixProposalDoc>('MatrixProposal', matrix.matrixProposalSchema),
    capaImports: main.model<capaImports.CapaImportDoc>('CapaImport', capaImports.capaImportSchema),
    capaImportRows: main.model<capaImports.CapaImportRowDoc>('CapaImportRow', capaImports.capaImportRowSchema),
    findings: main.model<findings.FindingDoc>('Finding', findings.findingSchema),
    signingGrants: main.model<signatures.SigningGrantDoc>('SigningGrant', signatures.signingGrantSchema),
    signers: main.model<signatures.SignerDoc>('Signer', signatures.signerSchema),
    statements: main.model<signatures.StatementDoc>('Statement', signatures.statementSchema),
    signatures: auditDatabase.model<signatures.SignatureDoc>('Signature', signatures.signatureSchema),
    evidenceUploads: main.model<evidence.EvidenceUploadDoc>('EvidenceUpload', evidence.evidenceUploadSchema),
    evidenceUploadChunks: main.model<evidence.EvidenceUploadChunkDoc>('EvidenceUploadChunk', evidence.evidenceUploadChunkSchema),
    consents: main.model<consents.ConsentDoc>('Consent', consents.consentSchema),
    topics: main.model<topics.TopicDoc>('Topic', topics.topicDocSchema),
    legalHolds: main.model<evidence.LegalHoldDoc>('LegalHold', evidence.legalHoldSchema),
    evidence: auditDatabase.model<evidence.EvidenceDoc>('Evidence', evidence.evidenceSchema),
    evidenceLinks: auditDatabase.model<evidence.EvidenceLinkDoc>('EvidenceLink', evidence.evidenceLinkSchema),
    evidenceWithdrawals: auditDatabase.model<evidence.EvidenceWithdrawalDoc>('EvidenceWithdrawal', evidence.evidenceWithdrawalSchema),
    audit: auditDatabase.model<audit.AuditDoc>('Audit', audit.auditSchema),
    anchors: auditDatabase.model<audit.AnchorDoc>('Anchor', audit.anchorSchema),
    anchorLeaves: auditDatabase.model<audit.AnchorLeavesDoc>('AnchorLeaves', audit.anchorLeavesSchema),
  };
}
export type Models = ReturnType<typeof defineModels>;
