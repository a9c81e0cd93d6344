import fc from 'fast-check';
import { CHANNELS } from '../../../contracts/notice';
import { entriesFor, type Choosable } from '../../../domain/notices/channelMap';
import { isAgreed, routesFor, type Reachable } from '../../../domain/notices/routes';

const endpoint = { id: 'e1', target: 'https://hooks.example/e1', phiApproved: false };
const nobody: Reachable = { contact: undefined, email: 'a@example.org', endpoint: undefined, phiChannels: undefined };
const listed = (person: Partial<Reachable>) => routesFor({ ...nobody, ...person }).map(({ channel, blocked }) => `${channel}${blocked === null ? '' : ` blocked: ${blocked}`}`);

describe('the ways to reach a person', () => {
  test('E10 by role or by name: mail, and at last the inbox', () => {
    expect(listed({})).toEqual(['email', 'inbox']);
  });
  test('E10 the contact\'s channel, its fallback, the inbox; nothing after the inbox, nothing twice', () => {
    expect(listed({ contact: { channel: 'webhook', fallback: 'email' }, endpoint })).toEqual(['webhook', 'email', 'inbox']);
    expect(listed({ contact: { channel: 'email' } })).toEqual(['email', 'inbox']);
    expect(listed({ contact: { channel: 'inbox', fallback: 'email' } })).toEqual(['inbox']);
    expect(listed({ contact: { channel: 'email', fallback: 'email' } })).toEqual(['email', 'inbox']);
  });
  test('E10 a webhook without an endpoint that fits is recorded as blocked', () => {
    expect(listed({ contact: { channel: 'webhook', fallback: 'email' } })).toEqual(['webhook blocked: no webhook of the channel map fits', 'email', 'inbox']);
  });
  test('E10 a PHI row blocks channels it does not allow, and endpoints that are not approved', () => {
    const notAllowed = (channel: string) => `${channel} blocked: the matrix row may hold health information, and does not allow ${channel} for it`;
    expect(listed({ phiChannels: ['inbox'] })).toEqual([notAllowed('email'), 'inbox']);
    const contact = { channel: 'webhook', fallback: 'email' } as const;
    expect(listed({ contact, endpoint, phiChannels: ['webhook'] })).toEqual([
      'webhook blocked: the matrix row may hold health information, and this entry of the channel map is not approved for it', notAllowed('email'), 'inbox',
    ]);
    expect(listed({ contact, endpoint: { ...endpoint, phiApproved: true }, phiChannels: ['webhook'] })).toEqual(['webhook', notAllowed('email'), 'inbox']);
  });
  test('E10 no usable way ever lies outside what a PHI row allows, and one way is always usable', () => {
    const channel = fc.constantFrom(...CHANNELS);
    const person = fc.record({
      contact: fc.option(fc.record({ channel, fallback: channel }), { nil: undefined }), email: fc.constant('a@example.org'),
      endpoint: fc.option(fc.record({ id: fc.constant('e'), target: fc.constant('https://e.example'), phiApproved: fc.boolean() }), { nil: undefined }),
      phiChannels: fc.option(fc.subarray([...CHANNELS]), { nil: undefined }),
    });
    fc.assert(fc.property(person, (one) => {
      const usable = routesFor(one).filter(({ blocked }) => blocked === null);
      expect(usable.at(-1)?.channel).toBe('inbox');
      for (const route of usable) {
        if (route.channel === 'inbox' || one.phiChannels === undefined) continue;
        expect(one.phiChannels).toContain(route.channel);
        if (route.channel === 'webhook') expect(one.endpoint?.phiApproved).toBe(true);
      }
    }));
  });
  test('E10 the inbox as a last resort keeps a notice, but nobody agreed to look there', () => {
    const inbox = { channel: 'inbox' } as const;
    expect(isAgreed(inbox, { contact: { channel: 'email' }, phiChannels: undefined })).toBe(false);
    expect(isAgreed(inbox, { contact: { channel: 'email', fallback: 'inbox' }, phiChannels: undefined })).toBe(true);
    expect(isAgreed(inbox, { contact: undefined, phiChannels: ['inbox'] })).toBe(true);
    expect(isAgreed({ channel: 'email' }, { contact: undefined, phiChannels: undefined })).toBe(true);
  });
});

describe('the channel map', () => {
  const entry = (id: string, more: Partial<Choosable> = {}): Choosable => ({
    _id: id, organisationId: 'cro', studyId: null, country: null, role: null, severities: null, channel: 'webhook', target: `https://${id}.example`, ...more,
  });
  const told = { organisationId: 'cro', studyId: 'st1', country: 'CH', roles: ['study_lead'], severity: 'major' };
  const chosen = (entries: readonly Choosable[], more: Partial<typeof told> = {}) => entriesFor(entries, { ...told, ...more }).map(({ _id }) => _id);

  test('S1.9 by study, country, function and severity; what an entry does not ask for it takes', () => {
    const entries = [
      entry('any'), entry('study', { studyId: 'st1' }), entry('other-study', { studyId: 'st2' }), entry('swiss', { country: 'CH' }), entry('german', { country: 'DE' }),
      entry('lead', { role: 'study_lead' }), entry('quality', { role: 'quality' }), entry('critical', { severities: ['critical'] }), entry('sponsor', { organisationId: 'spo' }),
    ];
    expect(chosen(entries).toSorted()).toEqual(['any', 'lead', 'study', 'swiss']);
    expect(chosen(entries, { severity: 'critical', roles: ['quality'], country: 'DE' }).toSorted()).toEqual(['any', 'critical', 'german', 'quality', 'study']);
  });
  test('S1.9 the most specific first, each target once', () => {
    const same = { target: 'https://one.example' };
    expect(chosen([entry('a', same), entry('b', { ...same, studyId: 'st1', country: 'CH' }), entry('c', { role: 'study_lead' })])).toEqual(['b', 'c']);
    // The same text as a mail address is another target.
    expect(chosen([entry('a', same), entry('m', { ...same, channel: 'email' })])).toHaveLength(2);
  });
});
