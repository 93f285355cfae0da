/** What the forecast says of losing a process, as a guard. Pure. */
import { entityName } from '#lib/format/names.ts';
import { isSafe } from '#lib/model/forecast.ts';
import type { Subject } from '#lib/model/transition.ts';
import { forecastOfLoss, type Guard } from './drill.ts';
import { checked, evidenceOf } from './guards.ts';

/** Losing what the drill takes away must not stop tasks or lose them, as far as the forecast knows. */
export function mayLose(failing: Subject): Guard {
  return (scene) => {
    const forecast = forecastOfLoss(failing, scene.model);
    const name = entityName(failing.kind, failing.id, scene.model);
    if (forecast === null) return checked('forecast', 'block', `What losing ${name} would cost was not forecast yet.`);
    const told = evidenceOf(
      forecast.effects.flatMap(({ by }) => by),
      scene,
    );
    if (isSafe(forecast)) return checked('forecast', 'pass', `${name} can be lost: ${forecast.reason}`, told);
    return checked('forecast', 'block', `${name} cannot be lost: ${forecast.reason}`, told);
  };
}
