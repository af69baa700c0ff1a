/** Strings built piece by piece: a table as HTML and as CSV. */
interface Row {
  id: number;
  name: string;
  price: number;
}

function escape(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    out += c === "<" ? "&lt;" : c === "&" ? "&amp;" : c === '"' ? "&quot;" : c;
  }
  return out;
}

function cell(content: string, kind: string): string {
  return `<td class="${kind}">${escape(content)}</td>`;
}

function row(r: Row): string {
  return `<tr>${cell(String(r.id), "id")}${cell(r.name, "name")}${cell(r.price.toFixed(2), "price")}</tr>\n`;
}

class Csv {
  private readonly lines: string[] = [];
  add(fields: string[]): void {
    this.lines.push(fields.map((f) => (f.includes(",") ? `"${f}"` : f)).join(","));
  }
  toText(): string {
    return this.lines.join("\n");
  }
}

export function work(): number {
  const rows: Row[] = [];
  for (let i = 0; i < 4000; i++) rows.push({ id: i, name: `thing <${i}> & "co", ltd`, price: i * 1.5 });
  let html = "<table>";
  for (const r of rows) html += row(r);
  html += "</table>";
  const csv = new Csv();
  for (const r of rows) csv.add([String(r.id), r.name, String(r.price)]);
  return html.length + csv.toText().length;
}
