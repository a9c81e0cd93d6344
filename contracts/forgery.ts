/** Something that reached the engine and was not made by this installation: what was tried, and on which run. */
export interface Forgery {
  /**
   * `start`, `update`, `signal`: to a run. `activity`: a task for a worker. `answer`: of an activity or an update. `command`: one
   * that was never stored so. `run`: one was ended or held up at the engine, which nothing can refuse; it was made anew.
   */
  readonly what: 'start' | 'update' | 'signal' | 'activity' | 'answer' | 'command' | 'run';
  readonly workflowId: string;
  /** One line, from a closed set: never what the forger wrote. */
  readonly because: string;
}
