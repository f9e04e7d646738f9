/**
 * How many letters must be inserted, dropped, replaced or swapped with their neighbour to make one word the other;
 * `limit + 1` where it takes more than that (optimal string alignment).
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let start = 0;
  let endA = a.length;
  let endB = b.length;
  while (start < endA && start < endB && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  while (endA > start && endB > start && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA--;
    endB--;
  }
  const [restA, restB] = [endA - start, endB - start];
  if (limit < 2) return nearDistance(a, b, start, restA, restB, limit);
  return alignmentDistance(a.slice(start, endA), b.slice(start, endB), limit);
}

/** What is left between the letters that both words begin and end with is one slip, or it is more than one. */
function nearDistance(a: string, b: string, start: number, restA: number, restB: number, limit: number): number {
  if (restA === 0 && restB === 0) return 0;
  const isSwap = restA === 2 && restB === 2 && a[start] === b[start + 1] && a[start + 1] === b[start];
  return limit === 1 && (isSwap || (restA <= 1 && restB <= 1)) ? 1 : limit + 1;
}

function alignmentDistance(a: string, b: string, limit: number): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(older, j - 2) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    // Rows never fall by more than a swap takes back, so two rows beyond the limit stay beyond it.
    if (least > limit && Math.min(...previous) > limit) return limit + 1;
    older = previous;
    previous = row;
  }
  return Math.min(at(previous, b.length), limit + 1);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
