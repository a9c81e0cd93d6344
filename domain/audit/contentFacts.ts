import type { Fact, Json } from '../../contracts/step';
import { changeFacts, changesBetween, type Content } from './changes';

/** How a release reads the states of a capability. */
export interface ContentReading {
  readonly stateVersion: number;
  readonly contentOf: (state: Json) => Content;
  /** Lifts a state of an older shape. */
  readonly lifted: (state: Json, stateVersion: number) => Json;
}

/** A record as its step found it. */
export interface ContentBefore {
  readonly rev: number;
  readonly state: Json;
  readonly stateVersion: number;
  /** Revision up to which the trail holds its content; absent: a release that kept none of it was last. */
  readonly contentRev?: number;
}

/** With the opening: all that it holds, from which later changes are counted. */
export function openingFact(content: Json, state: Content): Fact {
  return { action: 'content.recorded', field: 'content', old: null, new: content, detail: { content: state } };
}

/**
 * What a step changes of the content, with its reason. Before it, once, what stands there since a release that kept no
 * content in the trail, and what only this release's shape of the state changes, which nobody did.
 */
export function contentFacts(before: ContentBefore, step: { readonly state: Json; readonly facts: readonly Fact[] }, reading: ContentReading): { readonly product: readonly Fact[]; readonly step: readonly Fact[] } {
  const { rev, state, stateVersion, contentRev } = before;
  const found = reading.contentOf(state);
  const lifted = stateVersion === reading.stateVersion ? found : reading.contentOf(reading.lifted(state, stateVersion));
  const restated: readonly Fact[] = contentRev === rev ? [] : [{ action: 'content.restated', field: 'content', new: found, detail: { rev } }];
  const detail = { from: stateVersion, to: reading.stateVersion };
  return {
    product: [...restated, ...changeFacts(changesBetween(found, lifted)).map((fact) => ({ ...fact, detail }))],
    step: changeFacts(changesBetween(lifted, reading.contentOf(step.state))).map((fact) => ({ ...fact, ...reasonOf(fact, step.facts) })),
  };
}

/** The reason given for the changed part, else for the step. */
function reasonOf({ field }: Fact, facts: readonly Fact[]): { readonly reason?: string } {
  const part = field?.split('/')[0];
  const given = facts.find((fact) => fact.reason !== undefined && fact.field === part) ?? facts.find((fact) => fact.reason !== undefined);
  return given?.reason === undefined ? {} : { reason: given.reason };
}
