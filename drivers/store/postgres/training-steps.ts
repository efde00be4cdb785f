import { sql } from 'kysely';
import { FORECAST_FIGURES, type ForecastStore } from '../forecast-store';
import type { Database } from './database-schema';
import { figuresIn } from './figures';

type TrainingQueries = Pick<
  ForecastStore,
  | 'noteTrainingStep'
  | 'trainingStep'
  | 'trainingSteps'
  | 'oldTrainingRuns'
  | 'forgetTrainingRun'
  | 'addForecastFigures'
  | 'forecastFigures'
>;

export function trainingStepQueries(db: Database): TrainingQueries {
  const figures = figuresIn(db, 'forecastFigures', FORECAST_FIGURES);
  return {
    async noteTrainingStep(step) {
      const { artefact } = await db
        .insertInto('trainingSteps')
        .values(step)
        .onConflict((conflict) =>
          conflict.columns(['run', 'step']).doUpdateSet({ computed: sql`training_steps.computed + 1` }),
        )
        .returning('artefact')
        .executeTakeFirstOrThrow();
      return artefact;
    },

    async trainingStep(run, step) {
      const row = await db
        .selectFrom('trainingSteps')
        .select('artefact')
        .where('run', '=', run)
        .where('step', '=', step)
        .executeTakeFirst();
      return row?.artefact ?? null;
    },

    trainingSteps: (run) =>
      db
        .selectFrom('trainingSteps')
        .select(['step', 'artefact', 'computed'])
        .where('run', '=', run)
        .orderBy('at')
        .orderBy('step')
        .execute(),

    async oldTrainingRuns(before) {
      const rows = await db
        .selectFrom('trainingSteps')
        .select('run')
        .groupBy('run')
        .having(sql<boolean>`max(at) < ${before}`)
        .orderBy('run')
        .execute();
      return rows.map(({ run }) => run);
    },

    async forgetTrainingRun(run) {
      await db.deleteFrom('trainingSteps').where('run', '=', run).execute();
    },

    addForecastFigures: (added) => figures.add(added),
    forecastFigures: () => figures.read(),
  };
}
