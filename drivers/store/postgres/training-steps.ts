import { sql } from 'kysely';
import { FORECAST_FIGURES, type ForecastFigure, type ForecastStore } from '../forecast-store';
import type { Database } from './database-schema';

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

    async addForecastFigures(figures) {
      const rows = Object.entries(figures).map(([name, value]) => ({ name, value }));
      if (rows.length === 0) return;
      await db
        .insertInto('forecastFigures')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({ value: sql`forecast_figures.value + excluded.value` }),
        )
        .execute();
    },

    async forecastFigures() {
      const rows = await db.selectFrom('forecastFigures').selectAll().execute();
      const known = new Map(rows.map(({ name, value }) => [name, value]));
      return Object.fromEntries(FORECAST_FIGURES.map((name) => [name, known.get(name) ?? 0])) as Record<
        ForecastFigure,
        number
      >;
    },
  };
}
