import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { instantOf } from '../../../contracts/instant';
import { filingRecord, masked, type FiledNotice, type FilingSources } from '../../../domain/notices/filing';

const at = (minute: number) => instantOf(Date.UTC(2026, 10, 22, 8, minute));
const notice = (more: Partial<FiledNotice>): FiledNotice => ({
  intent: 'i1', rev: 1, reason: 'level', side: 'accountable', level: 1, organisationId: 'cro', personId: 'p1', as: 'contact', channel: 'email', address: 'p1@cro.example',
  messageId: '<1@x>', contentHash: 'c1', status: 'told', createdAt: at(0), holdUntil: null, toldAt: at(1), failedAt: null, failure: null, reachedAt: null,
  possiblyRepeated: false, fallbackOf: null, digestId: null, drill: false, ...more,
});
const acknowledged = (personId: string, organisationId: string, minute: number) => ({
  seq: minute, at: at(minute), action: 'issue.acknowledged', actor: { kind: 'person' as const, personId, name: personId, role: 'study_lead', organisationId },
});
const sources = (more: Partial<FilingSources> = {}): FilingSources => ({
  record: { id: 'r', number: 'ISS-1', rev: 3, status: 'acknowledged', topic: 'demo', severity: 'major', studyId: 'st', raisingOrganisationId: 'spo', accountableOrganisationId: 'cro', openedAt: at(0), drill: false },
  row: { rowKey: 'st/demo/cro+spo', version: 2, filing: { tmfReference: '01.03.02', location: 'eTMF', responsibleOrganisationId: 'cro' }, approvals: [] },
  notices: [notice({}), notice({ intent: 'i2', organisationId: 'spo', personId: 'p2', address: 'p2@spo.example' })],
  facts: [acknowledged('p1', 'cro', 5)], chains: [{ streamId: 'r', length: 4, head: 'h' }], organisationIds: ['cro'], ...more,
});

describe('the filing record', () => {
  test('E11 the same input gives the same bytes, in whichever order it was read; its hash covers everything else', () => {
    const text = JSON.stringify(filingRecord(sources()));
    expect(JSON.stringify(filingRecord(sources({ notices: sources().notices.toReversed() })))).toBe(text);
    const { sha256, ...rest } = JSON.parse(text) as { sha256: string };
    expect(createHash('sha256').update(canonicalize(rest) ?? '').digest('hex')).toBe(sha256);
    expect(canonicalize(JSON.parse(text))).toBe(text);
    expect(filingRecord(sources({ facts: [] })).sha256).not.toBe(sha256);
  });
  test('E11 sent, delivered, reached and acknowledged are four instants', () => {
    const [first, second] = filingRecord(sources()).notices;
    expect(first).toMatchObject({ sentAt: at(0), deliveredAt: at(1), reachedAt: at(5), acknowledgedAt: at(5), acknowledgedBy: 'p1' });
    // Nobody of the sponsor acknowledged.
    expect(second).toMatchObject({ deliveredAt: at(1), reachedAt: null, acknowledgedAt: null });
  });
  test('E11 a colleague\'s acknowledgement answers the notice, but did not reach its reader; one before it counts for nothing', () => {
    const one = (personId: string, minute: number) => filingRecord(sources({ facts: [acknowledged(personId, 'cro', minute)] })).notices[0];
    expect(one('p9', 5)).toMatchObject({ reachedAt: null, acknowledgedAt: at(5), acknowledgedBy: 'p9' });
    expect(one('p1', 0)).toMatchObject({ reachedAt: null, acknowledgedAt: null });
  });
  test('E11 addresses of the other organisation are masked', () => {
    expect(filingRecord(sources()).notices.map(({ address }) => address)).toEqual(['p1@cro.example', '***@spo.example']);
    expect(masked('https://hooks.example/services/secret?token=1')).toBe('https://hooks.example/***');
    expect(masked('')).toBe('');
  });
  test('S1.4 names where it is filed', () => {
    expect(filingRecord(sources())).toMatchObject({ matrix: { version: 2 }, filing: { tmfReference: '01.03.02', location: 'eTMF' } });
    expect(filingRecord(sources({ row: undefined }))).toMatchObject({ matrix: null, filing: null });
  });
});
