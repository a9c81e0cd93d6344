/** Something that reached the engine and was not made by this installation: what was tried, and on which run. */
export interface Forgery {
  /** `start`, `update`, `signal`: to a run. `activity`: a task for a worker. `answer`: of an activity or an update. `command`: one that was never stored so. */
  readonly what: 'start' | 'update' | 'signal' | 'activity' | 'answer' | 'command';
  readonly workflowId: string;
  /** One line, from a closed set: never what the forger wrote. */
  readonly because: string;
}
