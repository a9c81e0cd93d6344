import type { Query } from 'mongoose';

/** Names of the winning plan's stages, outermost first. */
export async function explainStages(query: Query<unknown, unknown>): Promise<readonly string[]> {
  const plan = (await query.explain('queryPlanner')) as { queryPlanner: { winningPlan: Stage } };
  const stages: string[] = [];
  for (let stage: Stage | undefined = plan.queryPlanner.winningPlan.queryPlan ?? plan.queryPlanner.winningPlan; stage; stage = stage.inputStage) stages.push(stage.stage);
  return stages;
}

interface Stage {
  readonly stage: string;
  readonly inputStage?: Stage;
  readonly queryPlan?: Stage;
}
