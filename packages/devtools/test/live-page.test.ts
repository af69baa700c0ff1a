/** The live page in a browser: what it shows of a program that runs, that it can be used, and that nothing of the program's becomes HTML. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { hasChromium } from "../../../scripts/chromium.mjs";
import { launch } from "../../../scripts/testing/browser.ts";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import { Running, soon } from "./running.ts";

const EVIL = `</script><img src=x onerror="globalThis.evil=1">`;

const app = `import { chan, go, nilChan, setName, sleep, withLabels, type Chan } from "gort";
const kept: unknown[] = [];
function worker(c: Chan<number>): void { c.recv(); }
function lost(): void { nilChan<number>().recv(); }
function leaked(): void { chan<number>().recv(); }
const evil = { [${JSON.stringify(EVIL)}](c: Chan<number>): void { c.recv(); } };
export function main(): void {
  const [c, never] = [chan<number>(), chan<number>()];
  kept.push(c, never);
  for (let i = 0; i < 7; i++) go(worker, c);
  go(lost);
  go(() => { setName(${JSON.stringify(EVIL)}); withLabels({ ${JSON.stringify(EVIL)}: ${JSON.stringify(EVIL)} }, () => { evil[${JSON.stringify(EVIL)}]!(never); }); });
  go(function ticker() { for (;;) sleep(5); });
  process.on("SIGUSR2", () => { for (let i = 0; i < 5; i++) go(worker, c); });
  process.on("SIGWINCH", () => { go(leaked); });
  console.log("ready");
  sleep(1e9);
}
`;

describe.skipIf(!hasChromium())("in a browser", () => {
  let project: UserProject;
  let program: Running;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  async function open(url: string, options: object = {}): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
    opened.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
    });
    opened.on("pageerror", (error) => errors.push(String(error)));
    opened.on("request", (request) => {
      const to = request.url();
      if (!to.startsWith("data:") && new URL(to).host !== new URL(program.url).host) errors.push(`asked for ${to}`);
    });
    await opened.goto(url);
    return opened;
  }

  const row = (text: string) => page.locator("#groups .row").filter({ hasText: text });
  const count = async (text: string): Promise<string | null> => row(text).locator("[data-name=count]").textContent();
  const shown = (): Promise<number> => page.locator("#groups .row").count();

  beforeAll(async () => {
    project = new UserProject({ "app.ts": app });
    program = await Running.start(project, "app.ts");
    browser = await launch();
    page = await open(new URL("../gort/", program.url).href);
    await row("worker").waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    program?.[Symbol.dispose]();
    project?.[Symbol.dispose]();
  });

  test("the header, the Ps and the threads", async () => {
    expect(await page.title()).toBe("app.ts · gort");
    await soon(() => page.locator("#status-text").textContent()).toMatch(/^live/);
    expect(await page.locator("#program").textContent()).toMatch(/^app\.ts · pid \d+ · up \d+ s · GOMAXPROCS \d+$/);
    const tile = page.locator(".tile").filter({ hasText: "goroutines" }).locator("strong");
    expect(await tile.textContent()).toBe("11");
    // Two looks: what is counted per second.
    const switches = page.locator(".tile").filter({ hasText: "switches" }).locator("strong");
    await soon(() => switches.textContent()).toMatch(/^[1-9][\d.]*k?\/s$/);
    const procs = await page.locator("#procs .row").count();
    expect(await page.locator("#program").textContent()).toContain(`GOMAXPROCS ${procs}`);
    expect(await page.locator("#threads .row").first().textContent()).toContain("M0 main");
    expect(await page.locator("#procs .chart .line").first().getAttribute("d")).toMatch(/^M[\d.]+ [\d.]+L/);
  });

  test("groups, sorted, and one opened with its stack and members", async () => {
    expect(await count("worker")).toBe("7");
    expect(await page.locator("#groups .row").first().textContent()).toContain("worker");
    await row("worker").locator("button").click();
    await soon(() => row("worker").locator("tbody tr").count()).toBe(7);
    expect(await row("worker").locator(".stack").first().textContent()).toMatch(/^worker.*\/app\.ts:3:\d+$/);
    // It stays open when the next look comes, and the keyboard closes it.
    const up = await page.locator("#program").textContent();
    await soon(() => page.locator("#program").textContent()).not.toBe(up);
    expect(await row("worker").locator(".detail").count()).toBe(1);
    await row("worker").locator("button").press("Enter");
    expect(await page.locator(".detail").count()).toBe(0);
    // Most wait as long as the program runs; the ticker does not.
    await page.locator("#sort").selectOption("wait");
    expect(await page.locator("#groups .row").last().textContent()).not.toContain("worker");
    await page.locator("#sort").selectOption("count");
  });

  test("the filter", async () => {
    const all = await shown();
    await page.keyboard.press("/");
    await page.keyboard.type("WORKER chan");
    await soon(shown).toBe(1);
    expect(await row("worker").count()).toBe(1);
    await page.locator("#filter").fill("nothing like it");
    await soon(shown).toBe(0);
    expect(await page.locator("#none").textContent()).toBe("Nothing matches.");
    await page.locator("#filter").fill("");
    await soon(shown).toBe(all);
  });

  test("pause stops it, also for what is opened meanwhile, and it goes on", async () => {
    await page.locator("#filter").blur();
    await page.keyboard.press("p");
    expect(await page.locator("#status-text").textContent()).toBe("paused");
    const before = await page.locator("#program").textContent();
    program.child.kill("SIGUSR2");
    // What is opened is asked for; all else stands still.
    await row("lost").locator("button").click();
    await soon(() => row("lost").locator("tbody tr").count()).toBe(1);
    await page.waitForTimeout(1500);
    expect(await page.locator("#program").textContent()).toBe(before);
    expect(await count("worker")).toBe("7");
    await page.locator("#pause").click();
    await soon(() => count("worker")).toBe("12");
    await row("lost").locator("button").click();
  });

  test("suspects are marked: what can never go on, and what waits for longer than is chosen", async () => {
    expect(await row("lost").locator(".mark").textContent()).toBe("waits for ever");
    expect(await row("worker").locator(".mark").filter({ hasText: "long wait" }).count()).toBe(0);
    await page.locator("#patience").fill("1");
    await soon(() => row("worker").locator(".mark").first().textContent()).toBe("long wait");
    await page.locator("#suspects").check();
    expect(await row("ticker").count()).toBe(0);
    expect(await row("worker").count()).toBe(1);
    await page.locator("#suspects").uncheck();
    await soon(() => row("ticker").count()).toBe(1);
    await page.locator("#patience").fill("3600");
    await soon(() => row("worker").locator(".mark").filter({ hasText: "long wait" }).count()).toBe(0);
  });

  test("leaks are looked for and listed", async () => {
    program.child.kill("SIGWINCH");
    await row("leaked").waitFor();
    const found = page.locator("#leaks li.leak").filter({ hasText: "leaked" });
    while ((await found.count()) === 0) {
      await page.locator("#look").click();
      await soon(() => page.locator("#looked").textContent()).toMatch(/found\.$/);
      await page.waitForTimeout(200);
    }
    expect(await found.textContent()).toMatch(/^1 lost in chan receive.*leaked \(.*app\.ts:5:\d+\)/);
    await soon(() => row("leaked").count()).toBe(0);
    // The next one that stands there is suspect at once.
    program.child.kill("SIGWINCH");
    await soon(() => row("leaked").locator(".mark").allTextContents()).toEqual(["leaked before"]);
  });

  test("whatever the program is called and says is text", async () => {
    await row(EVIL).first().locator("button").click();
    await soon(() => row(EVIL).locator("tbody tr").count()).toBe(1);
    const text = await row(EVIL).textContent();
    // The function, its label's key and value, and the goroutine's name.
    expect(text!.split(EVIL).length).toBeGreaterThan(4);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as { evil?: number }).evil)).toBeUndefined();
    await page.locator("#filter").fill(EVIL);
    await soon(shown).toBe(1);
    await page.locator("#filter").fill("");
    await row(EVIL).locator("button").click();
  });

  test("links lead to the profiles and downloads", async () => {
    const links = page.locator("#links a");
    for (const link of await links.all()) {
      const href = (await link.getAttribute("href"))!;
      if (/seconds=/.test(href)) continue;
      expect((await program.get(new URL(href, page.url()).href)).status).toBe(200);
    }
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("download a dump").click()]);
    expect(download.suggestedFilename()).toBe("goroutines.txt");
  });

  test("fits a phone, and both schemes", async () => {
    const url = page.url();
    const backs: string[] = [];
    for (const colorScheme of ["light", "dark"]) {
      const phone = await open(url, { viewport: { width: 390, height: 800 }, colorScheme });
      await phone.locator("#groups .row").first().waitFor();
      expect(await phone.evaluate("document.documentElement.scrollWidth")).toBe(390);
      backs.push((await phone.evaluate("getComputedStyle(document.body).backgroundColor")) as string);
      await phone.close();
    }
    expect(backs[0]).not.toBe(backs[1]);
  });

  test("with a token: the page asks with it, and hands it on", async () => {
    using guarded = await Running.start(project, "app.ts", "ready", { GORT_PPROF_TOKEN: "s3 cret&" });
    const context = await browser.newPage();
    await context.goto(new URL("../gort/?token=s3+cret%26", guarded.url).href);
    await context.locator("#groups .row").first().waitFor();
    const href = await context.getByText("goroutine", { exact: true }).getAttribute("href");
    expect((await guarded.get(new URL(href!, context.url()).href)).status).toBe(200);
    await context.close();
  });

  test("says that the program does not answer, and goes on when it does", async () => {
    program.child.kill("SIGSTOP");
    await soon(() => page.locator("#status-text").textContent()).toBe("the program does not answer");
    program.child.kill("SIGCONT");
    await soon(() => page.locator("#status-text").textContent()).toMatch(/^live/);
    expect(errors).toEqual([]);
  });

  test("says that the program has gone; nothing was complained of until then", async () => {
    expect(errors).toEqual([]);
    program[Symbol.dispose]();
    await soon(() => page.locator("#status-text").textContent()).toBe("the program does not answer");
    expect(await row("worker").count()).toBe(1);
  });
});
