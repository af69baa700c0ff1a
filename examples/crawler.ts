/**
 * A crawler that is bounded: at most LIMIT pages under way, each page once, each within a time limit, and a broken one does not stop the
 * others. It crawls a server of its own.
 *
 *     crawl(url) ──► seen already? ──► semaphore ──► fetch ──► parse the links ──► crawl(link), …
 */
import { background, Group, Semaphore, sleep, wait, withTimeout, type Context } from "gort";
import { contextOf, serve, type Server } from "gort/http";

/** Pages under way at the same time. */
const LIMIT = 8;
/** Milliseconds for a page. */
const PATIENCE = 2000;
/** Pages of the site. */
const PAGES = 200;

/** Page n links to 2n and 2n + 1, back to its parent, and to a page that is not there. Some are slow, one never answers. */
function site(): Server {
  return serve({ host: "127.0.0.1" }, (req, res) => {
    const n = Number(req.url!.slice(1));
    sleep(n === 77 ? 60_000 : 1 + (n % 5), contextOf(req));
    if (!(n >= 1 && n <= PAGES)) res.statusCode = 404;
    res.setHeader("content-type", "text/html");
    res.end([2 * n, 2 * n + 1, n >> 1].map((m) => `<a href="/${m}">page ${m}</a>`).join("\n"));
  });
}

interface Report {
  pages: number;
  missing: number;
  late: string[];
  /** The most pages that were under way at once. */
  most: number;
}

class Crawler {
  readonly report: Report = { pages: 0, missing: 0, late: [], most: 0 };
  #busy: number = 0;
  readonly #seen = new Set<string>();
  readonly #slots = new Semaphore(LIMIT);
  readonly #group: Group;
  constructor(ctx: Context) {
    this.#group = new Group(ctx);
  }

  /** Starts on a page, unless somebody has. */
  visit(url: string): void {
    if (this.#seen.has(url)) return;
    this.#seen.add(url);
    this.#group.go(() => this.#crawl(url));
  }

  /** Parks until there is nothing left to crawl. */
  wait(): Report {
    this.#group.wait();
    return this.report;
  }

  #crawl(url: string): void {
    this.#slots.acquire(1, this.#group.ctx);
    let links: string[];
    this.report.most = Math.max(this.report.most, ++this.#busy);
    try {
      links = this.#fetch(url);
    } finally {
      this.#busy--;
      this.#slots.release();
    }
    for (const link of links) this.visit(link);
  }

  #fetch(url: string): string[] {
    using ctx = withTimeout(this.#group.ctx, PATIENCE)[0];
    try {
      const response = wait(fetch(url, { signal: ctx.signal }));
      const text = wait(response.text());
      if (response.status !== 200) {
        this.report.missing++;
        return [];
      }
      this.report.pages++;
      return [...text.matchAll(/href="([^"]+)"/g)].map((m) => new URL(m[1]!, url).href);
    } catch (e) {
      if ((e as Error).name !== "TimeoutError" && ctx.err() === undefined) throw e;
      this.report.late.push(new URL(url).pathname);
      return [];
    }
  }
}

export function main(): void {
  using server = site();
  const crawler = new Crawler(background());
  crawler.visit(`http://${server.addr}/1`);
  const { pages, missing, late, most } = crawler.wait();
  console.log(`${pages} pages, ${missing} missing, too late: ${late.join(", ")}`);
  console.log(`at most ${LIMIT} at once:`, most > 1 && most <= LIMIT);
}
