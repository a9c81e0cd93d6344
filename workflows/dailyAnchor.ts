import { anchoring } from './support/activities';

/** Anchors every audit chain and mails each organisation its receipt. Started by a Schedule. */
export async function dailyAnchor(): Promise<void> {
  await anchoring.takeAnchor();
}
