// What a terminal shows after bytes were written to it: rows of characters; carriage returns and
// newlines are obeyed, and nothing else moves the cursor.

/** Returns the rows; throws when a line would have wrapped. */
export function terminalRows(written: string, columns: number): string[] {
  const rows: string[][] = [[]];
  let column = 0;
  for (const character of written) {
    const row = rows[rows.length - 1] as string[];
    if (character === "\r") column = 0;
    else if (character === "\n") {
      rows.push([]);
      column = 0;
    } else {
      if (column >= columns) throw new Error(`wrapped: ${row.join("")}${character}`);
      while (row.length < column) row.push(" ");
      row[column++] = character;
    }
  }
  return rows.map((row) => row.join("").trimEnd());
}
