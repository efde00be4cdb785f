import { ASYNC } from './boards/async';
import { CHECKPOINTS_AND_STARTS } from './boards/checkpoints-and-starts';
import { CONTROL_PLANE } from './boards/control-plane';
import { FORECAST_AND_WARMING } from './boards/forecast-and-warming';
import { FUNCTION } from './boards/function';
import { NODES_AND_PLACEMENT } from './boards/nodes-and-placement';
import { OVERVIEW } from './boards/overview';
import { SPEND } from './boards/spend';
import { grafanaJson } from './dashboard';

const ALL = [
  OVERVIEW,
  FUNCTION,
  NODES_AND_PLACEMENT,
  CHECKPOINTS_AND_STARTS,
  FORECAST_AND_WARMING,
  ASYNC,
  CONTROL_PLANE,
  SPEND,
];

/** The files of deploy/chart/dashboards, by name. */
export function dashboardFiles(): Map<string, string> {
  return new Map(ALL.map((board) => [`${board.uid}.json`, grafanaJson(board)]));
}
