/** The page at /debug/pprof/: Go's, and how to use what it lists. */

/** A line of the index. */
export interface Kind {
  name: string;
  count: number;
  description: string;
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** @param query What links carry on: "" or "&token=…". */
export function indexPage(kinds: readonly Kind[], query: string): string {
  const more = escape(query);
  const rows = kinds.map(
    ({ name, count }) => `<tr><td>${count}</td><td><a href='${name}?debug=1${more}'>${name}</a></td></tr>`,
  );
  const items = kinds.map(
    ({ name, description }) => `<li><div class=profile-name>${name}: </div> ${escape(description)}</li>`,
  );
  return `<html>
<head>
<title>/debug/pprof/</title>
<style>
.profile-name{
	display:inline-block;
	width:7rem;
}
</style>
</head>
<body>
/debug/pprof/<br>
<br>
Types of profiles available:
<table>
<thead><td>Count</td><td>Profile</td></thead>
${rows.join("\n")}
</table>
<a href="goroutine?debug=2${more}">full goroutine stack dump</a>
<br>
<a href="../gort/${more.replace("&amp;", "?")}">live page</a>
<br>
<p>
Profile Descriptions:
<ul>
${items.join("\n")}
</ul>
</p>
</body>
</html>`;
}
