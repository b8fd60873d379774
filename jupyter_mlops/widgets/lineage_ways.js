// Where the nodes of a lineage stand, in pixels, and the curves of its lines past those between.

export const NODE = { width: 168, height: 46 }; // px; lineage.css has the same
const STEP = { across: 218, down: 60 };
export const MARGIN = 14;

/** The upper left corner of a node. */
export function placeOf({ level, row }) {
  return { x: MARGIN + level * STEP.across, y: MARGIN + row * STEP.down };
}

/** The curve of a line past the nodes between its ends, its tip, and a place on it near its start. */
export function wayOf(edge, nodes) {
  const [source, target] = [nodes.get(edge.from), nodes.get(edge.to)];
  const start = placeOf(source);
  let [x, y] = [start.x + NODE.width, start.y + NODE.height / 2];
  const parts = [`M${x} ${y}`];
  let middle = null;
  const curve = (toX, toY) => {
    const half = (x + toX) / 2;
    parts.push(`C${half} ${y} ${half} ${toY} ${toX} ${toY}`);
    middle ??= { x: half, y: (y + toY) / 2 };
    [x, y] = [toX, toY];
  };
  edge.via.forEach((row, at) => {
    const stop = placeOf({ level: source.level + 1 + at, row });
    curve(stop.x, stop.y + NODE.height / 2);
    x = stop.x + NODE.width;
    parts.push(`H${x}`);
  });
  const end = placeOf(target);
  curve(end.x, end.y + NODE.height / 2);
  return { line: parts.join(""), tip: `M${x - 7} ${y - 4}L${x - 1} ${y}L${x - 7} ${y + 4}`, middle };
}
