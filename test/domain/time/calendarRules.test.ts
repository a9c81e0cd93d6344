import type { Calendar } from '../../../contracts/calendar';
import { checkCalendar } from '../../../domain/time/calendarRules';
import { calendar, everyDay } from './calendars';

const fields = (checked: Calendar): string[] => checkCalendar(checked).map(({ field }) => field);
const monday = (...spans: [from: string, to: string][]): Calendar =>
  calendar('Europe/Zurich', { week: { '1': spans.map(([from, to]) => ({ from, to })), '2': [{ from: '09:00', to: '17:30' }] } });

describe('E5 rules of a business calendar', () => {
  test.each([
    ['office hours', calendar('Europe/Zurich', { holidays: ['2026-01-01', '2026-05-25'] })],
    ['lunch', monday(['08:00', '12:00'], ['13:00', '17:00'])],
    ['spans that touch', monday(['08:00', '12:00'], ['12:00', '17:00'])],
    ['round the clock', calendar('UTC', { week: everyDay('00:00', '24:00') })],
    ['a zone with a sign in its name', calendar('Etc/GMT+5')],
    ['one hour a week', calendar('Asia/Kolkata', { week: { '3': [{ from: '09:00', to: '10:00' }] } })],
    ['a leap day', calendar('UTC', { holidays: ['2028-02-29'] })],
  ])('E5 accepts %s', (_what, accepted) => {
    expect(checkCalendar(accepted)).toEqual([]);
  });

  test.each([
    ['a zone that does not exist', calendar('Mars/Base'), ['zone']],
    ['no zone', calendar(''), ['zone']],
    ['an offset for a zone', calendar('+05:30'), ['zone']],
    ['a time for a zone', calendar('2026-01-01T00:00Z[UTC]'), ['zone']],
    ['a span that ends when it begins', monday(['09:00', '09:00']), ['week.1.0.to']],
    ['a span over midnight', monday(['09:00', '10:00'], ['22:00', '06:00']), ['week.1.1.to']],
    ['spans out of order', monday(['13:00', '17:00'], ['08:00', '12:00']), ['week.1.1.from']],
    ['spans that overlap', monday(['08:00', '12:00'], ['11:59', '17:00']), ['week.1.1.from']],
    ['a span within an earlier one', monday(['08:00', '17:00'], ['09:00', '10:00'], ['16:00', '18:00']), ['week.1.1.from', 'week.1.2.from']],
    ['no weekday', calendar('UTC', { week: {} }), ['week']],
    ['weekdays without hours', calendar('UTC', { week: { '1': [], '2': [] } }), ['week']],
    ['less than an hour a week', calendar('UTC', { week: { '1': [{ from: '09:00', to: '09:59' }] } }), ['week']],
    ['a holiday twice', calendar('UTC', { holidays: ['2026-01-01', '2026-05-01', '2026-01-01'] }), ['holidays.2.date']],
    ['a date that does not exist', calendar('UTC', { holidays: ['2026-02-30'] }), ['holidays.0.date']],
    ['all at once', calendar('Mars/Base', { week: {}, holidays: ['2026-01-01', '2026-01-01'] }), ['zone', 'week', 'holidays.1.date']],
  ])('E5 refuses %s and names the field', (_what, refused, expected) => {
    expect(fields(refused)).toEqual(expected);
  });
});
