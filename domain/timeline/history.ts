/** A Temporal history event in its JSON form; payloads are values already, or left out. */
export type HistoryEvent = { readonly [key: string]: unknown };

/** One run of a workflow. */
export interface HistoryRun {
  readonly runId: string;
  readonly events: readonly HistoryEvent[];
}

/** One line of a history in plain words. */
export interface HistoryLine {
  readonly at: string;
  readonly runId: string;
  readonly eventId: string;
  readonly type: string;
  readonly text: string;
}

/** Bookkeeping between server and worker: in the raw history only. */
const SILENT = new Set(['WORKFLOW_TASK_SCHEDULED', 'WORKFLOW_TASK_STARTED', 'WORKFLOW_TASK_COMPLETED', 'ACTIVITY_TASK_STARTED']);

/**
 * The history in plain words, oldest first. `withContent: false` says types, states and times only,
 * for those who run the engine and have no right to the record.
 */
export function historyInWords(runs: readonly HistoryRun[], { withContent }: { withContent: boolean }): readonly HistoryLine[] {
  return runs.flatMap(({ runId, events }) => {
    const byId = new Map(events.map((event) => [textOf(event['eventId']), event]));
    return events
      .map((event): HistoryLine => ({
        at: textOf(event['eventTime']), runId, eventId: textOf(event['eventId']), type: typeOf(event),
        text: wordsFor(event, { withContent, before: (id) => byId.get(textOf(id)) }),
      }))
      .filter((line) => !SILENT.has(line.type));
  });
}

/** The event without anything that people wrote: id, type and time. */
export function bareEvent(event: HistoryEvent): HistoryEvent {
  return { eventId: event['eventId'], eventTime: event['eventTime'], eventType: event['eventType'] };
}

interface Context {
  readonly withContent: boolean;
  readonly before: (eventId: unknown) => HistoryEvent | undefined;
}

function wordsFor(event: HistoryEvent, context: Context): string {
  const type = typeOf(event);
  const words = WORDS[type];
  return words ? words(attributesOf(event), context, event) : type.toLowerCase().replaceAll('_', ' ');
}

type Words = (attributes: HistoryEvent, context: Context, event: HistoryEvent) => string;

const WORDS: Readonly<Record<string, Words>> = {
  WORKFLOW_EXECUTION_STARTED: (attributes, { withContent }) => {
    const [start] = valuesOf(attributes['input']);
    if (!withContent || !isObject(start)) return 'the run starts';
    if (typeof start['rebuilt'] === 'string') return `the run is rebuilt from the record: ${start['rebuilt']}`;
    return 'carried' in start ? 'the run goes on with the record as it was' : 'the run starts with a new record';
  },
  WORKFLOW_EXECUTION_UPDATE_ACCEPTED: (attributes, { withContent }) => {
    const request = objectOf(attributes['acceptedRequest']);
    const [command] = valuesOf(objectOf(request['input'])['args']);
    const act = withContent && isObject(command) ? textOf(command['act']) : '';
    return act === '' ? 'accepts a command' : `accepts the command ${act}${byWhom(request)}`;
  },
  WORKFLOW_EXECUTION_UPDATE_COMPLETED: (attributes) => ('failure' in objectOf(attributes['outcome']) ? 'refuses the command after all' : 'answers the command'),
  ACTIVITY_TASK_SCHEDULED: (attributes, { withContent }) => {
    const name = textOf(objectOf(attributes['activityType'])['name']);
    const [request] = valuesOf(attributes['input']);
    const source = isObject(request) ? objectOf(request['source']) : {};
    return `asks for ${name}${withContent && source['act'] !== undefined ? ` of ${textOf(source['act'])}` : ''}`;
  },
  ACTIVITY_TASK_COMPLETED: (attributes, context) => {
    const [result] = valuesOf(attributes['result']);
    const outcome = context.withContent && isObject(result) ? textOf(result['outcome']) : '';
    return `${activityOf(attributes, context)} is done${outcome === '' ? '' : `: ${outcome}`}`;
  },
  ACTIVITY_TASK_FAILED: (attributes, context) => `${activityOf(attributes, context)} failed`,
  ACTIVITY_TASK_TIMED_OUT: (attributes, context) => `${activityOf(attributes, context)} ran out of time`,
  TIMER_STARTED: (attributes) => `sets a timer for ${textOf(attributes['startToFireTimeout'])}`,
  TIMER_FIRED: (attributes, { before }) => `the timer set at ${textOf(before(attributes['startedEventId'])?.['eventTime'])} goes off`,
  TIMER_CANCELED: (attributes, { before }) => `drops the timer set at ${textOf(before(attributes['startedEventId'])?.['eventTime'])}`,
  UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: () => 'updates what lists show',
  WORKFLOW_TASK_FAILED: () => 'the worker could not take the next step; it is tried again',
  WORKFLOW_TASK_TIMED_OUT: () => 'the worker did not answer in time; it is tried again',
  WORKFLOW_EXECUTION_CONTINUED_AS_NEW: () => 'goes on in a new run, to keep histories short',
  WORKFLOW_EXECUTION_COMPLETED: () => 'the run ends: the record is closed',
  WORKFLOW_EXECUTION_FAILED: () => 'the run fails',
  WORKFLOW_EXECUTION_TERMINATED: (attributes, { withContent }) => `the run is stopped${withContent ? `: ${textOf(attributes['reason'])}` : ''}`,
};

function byWhom(request: HistoryEvent): string {
  const actor = objectOf(objectOf(objectOf(objectOf(request['input'])['header'])['fields'])['actor']);
  if (actor['kind'] === 'person') return ` from person ${textOf(actor['personId'])} as ${textOf(actor['role'])} of ${textOf(actor['organisationId'])}`;
  return actor['kind'] === 'system' ? ` from the product (${textOf(actor['name'])})` : '';
}

function activityOf(attributes: HistoryEvent, { before }: Context): string {
  const scheduled = before(attributes['scheduledEventId']);
  return scheduled ? textOf(objectOf(attributesOf(scheduled)['activityType'])['name']) : 'an activity';
}

const typeOf = (event: HistoryEvent): string => textOf(event['eventType']).replace(/^EVENT_TYPE_/, '');

/** `…EventAttributes` of an event, whatever its type. */
function attributesOf(event: HistoryEvent): HistoryEvent {
  const name = Object.keys(event).find((key) => key.endsWith('EventAttributes'));
  return name === undefined ? {} : objectOf(event[name]);
}

const valuesOf = (payloads: unknown): readonly unknown[] => {
  const values = objectOf(payloads)['payloads'];
  return Array.isArray(values) ? values : [];
};

const isObject = (value: unknown): value is HistoryEvent => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): HistoryEvent => (isObject(value) ? value : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
