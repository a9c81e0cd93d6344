import { alertmanagerSchema, hookEventSchema, raisesSchema, type Raises } from '../../../contracts/hooks';
import { openIssueSchema } from '../../../contracts/escalation';
import type { Instant } from '../../../contracts/instant';
import { triggerOfGroup } from '../../../domain/hooks/alertmanager';
import { issueOf, severityOf, triggerOfEvent } from '../../../domain/hooks/trigger';

const NOW = '2026-11-22T08:00:00.000Z' as Instant;
const raises: Raises = raisesSchema.parse({
  topic: 'monitoring', accountableOrganisationId: 'cro', studyId: 'st1', systemId: 'edc',
  severities: { words: { page: 'critical', warning: 'major', major: 'minor' }, otherwise: 'minor' },
});
const source = { id: 'src-1', name: 'Prometheus', strength: 'bearer' as const, organisationId: 'spo', raises };

describe('E14 severity words', () => {
  test.each([
    [['page'], 'critical'], [['PAGE '], 'critical'], [['warning', 'page'], 'critical'], [['critical'], 'critical'], [['major'], 'minor'],
    [['whatever'], 'minor'], [[undefined], 'minor'], [[], 'minor'], [['constructor', '__proto__'], 'minor'], [['info', 'warning'], 'major'],
  ])('%j means %s', (words, expected) => {
    expect(severityOf(words, raises.severities)).toBe(expected);
  });
});

describe('E14 the generic event', () => {
  const event = (more: object = {}) => hookEventSchema.parse({ type: 'firing', key: 'backup/edc', title: 'Backup failed', ...more });

  test('becomes an issue of what the source raises, with its own words', () => {
    const trigger = triggerOfEvent(event({ severity: 'page', description: 'exit 2', site: 'S-12', happenedAt: '2026-11-22T08:30:00+01:00' }), { raises, now: NOW });
    const issue = issueOf(trigger, { ...source, strength: 'hmac' });
    expect(openIssueSchema.parse(issue)).toEqual({
      topic: 'monitoring', title: 'Backup failed', severity: 'critical', raisingOrganisationId: 'spo', accountableOrganisationId: 'cro', studyId: 'st1', systemId: 'edc', site: 'S-12',
      description: 'exit 2\n\nDelivered by the source "Prometheus", authenticated by an HMAC-SHA256 signature.',
      dedupeKey: 'source/src-1/backup/edc', happenedAt: '2026-11-22T07:30:00.000Z',
    });
  });

  test.each([['2026-11-22T08:03:00Z', NOW], ['2026-11-22T08:06:00Z', '2026-11-22T08:06:00.000Z'], [undefined, undefined]])('a clock within the tolerance means now: %s', (happenedAt, expected) => {
    expect(triggerOfEvent(event(happenedAt ? { happenedAt } : {}), { raises, now: NOW }).at).toBe(expected);
  });

  test.each([{ type: 'fired' }, { key: '' }, { title: 'x'.repeat(201) }, { raisingOrganisationId: 'other' }, { happenedAt: 'yesterday' }])('%j is no event', (more) => {
    expect(hookEventSchema.safeParse({ type: 'firing', key: 'k', title: 't', ...more }).success).toBe(false);
  });

  test('the longest event still fits into an issue', () => {
    const trigger = triggerOfEvent(event({ key: 'k'.repeat(120), title: 't'.repeat(200), description: 'd'.repeat(8000), site: 's'.repeat(120) }), { raises, now: NOW });
    expect(() => openIssueSchema.parse(issueOf(trigger, { ...source, id: '736baff0-09c5-4d00-8000-000000000000', name: 'n'.repeat(200) }))).not.toThrow();
  });
});

describe('E14 a group of Alertmanager', () => {
  const alert = (more: object = {}) => ({
    status: 'firing', labels: { alertname: 'DiskFull', instance: 'a', severity: 'warning' }, annotations: {}, startsAt: '2026-11-22T07:00:00.123456789Z', endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://p', fingerprint: 'f1', ...more,
  });
  const group = (more: object = {}) => alertmanagerSchema.parse({
    version: '4', groupKey: '{}:{alertname="DiskFull"}', status: 'firing', receiver: 'oversight', groupLabels: { alertname: 'DiskFull' },
    commonLabels: { alertname: 'DiskFull' }, commonAnnotations: {}, externalURL: 'http://am', alerts: [alert()], notOurs: { later: 'release' }, ...more,
  });
  const read = (more: object = {}) => triggerOfGroup(group(more), { raises, now: NOW });

  test('title: the common summary, else the group, else the receiver', () => {
    expect(read({ commonAnnotations: { summary: ' Disk of a is full ' } }).title).toBe('Disk of a is full');
    expect(read({ groupLabels: { alertname: 'DiskFull', job: 'db', az: '1' } }).title).toBe('DiskFull (az=1, job=db)');
    expect(read({ groupLabels: { job: 'db' }, commonLabels: {} }).title).toBe('job=db');
    expect(read({ groupLabels: {}, commonLabels: {} }).title).toBe('Alerts for oversight');
    expect(read({ commonAnnotations: { summary: 'x'.repeat(500) } }).title).toHaveLength(200);
  });

  test('severity: the gravest of the alerts that fire, not of those that are over', () => {
    const over = alert({ status: 'resolved', labels: { severity: 'page' }, fingerprint: 'f2', endsAt: '2026-11-22T07:30:00Z' });
    expect(read({ alerts: [alert(), over] }).severity).toBe('major');
    expect(read({ alerts: [alert(), { ...over, status: 'firing' }] }).severity).toBe('critical');
  });

  test('begins with the first alert, ends with the last; a clock ahead of ours is left out', () => {
    const ahead = alert({ startsAt: '2026-11-22T09:00:00Z' });
    expect(read({ alerts: [ahead, alert(), alert({ startsAt: '2026-11-22T07:10:00Z' })] }).at).toBe('2026-11-22T07:00:00.123Z');
    expect(read({ alerts: [ahead] }).at).toBeUndefined();
    const over = (endsAt: string) => alert({ status: 'resolved', endsAt });
    expect(read({ status: 'resolved', alerts: [over('2026-11-22T07:40:00Z'), over('2026-11-22T07:50:00Z')] })).toMatchObject({ at: '2026-11-22T07:50:00.000Z', alerts: [] });
  });

  test('the same alert is another one when it began again, or has other labels', () => {
    const alertsOf = (...alerts: object[]) => read({ alerts }).alerts;
    expect(alertsOf(alert(), alert({ fingerprint: 'f2' }))).toEqual(alertsOf(alert({ fingerprint: 'f2' }), alert({ annotations: { note: 'else' } })));
    expect(alertsOf(alert())).not.toEqual(alertsOf(alert({ startsAt: '2026-11-22T07:00:01Z' })));
    const unnamed = { ...alert(), fingerprint: undefined };
    expect(alertsOf(unnamed)).not.toEqual(alertsOf({ ...unnamed, labels: { alertname: 'Other' } }));
  });

  test('lists twenty alerts and counts the rest; however much it says, an issue holds it', () => {
    const alerts = Array.from({ length: 300 }, (_, n) => alert({ labels: { alertname: 'DiskFull', instance: `host-${String(n)}`, text: 'y'.repeat(1000) }, fingerprint: `f${String(n)}` }));
    const trigger = read({ alerts, truncatedAlerts: 7, groupKey: 'g'.repeat(9000), commonAnnotations: { description: 'z'.repeat(5000) } });
    expect(trigger.description).toContain('307 firing:');
    expect(trigger.description).toContain('and 287 more');
    expect(trigger.description.match(/^- /gm)).toHaveLength(20);
    const issue = openIssueSchema.parse(issueOf(trigger, { ...source, id: '736baff0-09c5-4d00-8000-000000000000' }));
    expect(issue.description).toMatch(/authenticated by a bearer token\.$/);
  });

  test('groups with different keys have different troubles', () => {
    expect(read({ groupKey: 'a' }).key).not.toBe(read({ groupKey: 'b' }).key);
  });

  test.each([{ version: '3' }, { status: 'pending' }, { alerts: [] }, { groupKey: undefined }, { alerts: [{ status: 'firing' }] }])('%j is refused', (more) => {
    expect(alertmanagerSchema.safeParse({ ...group(), ...more }).success).toBe(false);
  });
});
