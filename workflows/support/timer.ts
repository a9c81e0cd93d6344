import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { epochMsOf, type Instant } from '../../contracts/instant';

/**
 * A timer that follows the nearest deadline: it is replaced only when that instant changes, so a
 * comment costs no timer events.
 */
export class FollowingTimer {
  #due: Instant | undefined;
  #scope: CancellationScope | undefined;
  #fired: Instant | undefined;

  follow(due: Instant | undefined): void {
    if (due === this.#due) return;
    this.#scope?.cancel();
    this.#scope = undefined;
    this.#due = due;
    if (due !== undefined) this.#start(due);
  }

  /** Whether the followed instant has passed. */
  get passed(): boolean {
    return this.#due !== undefined && (this.#fired === this.#due || epochMsOf(this.#due) <= Date.now());
  }

  #start(due: Instant): void {
    const ms = epochMsOf(due) - Date.now();
    if (ms <= 0) return;
    const scope = new CancellationScope();
    this.#scope = scope;
    scope.run(() => sleep(ms)).then(
      () => { this.#fired = due; },
      (error: unknown) => { if (!isCancellation(error)) throw error; },
    );
  }
}
