/** What Next.js is told: its tools are not installed here, webpack's loader is tried in plugins.test.ts. */
import { expect, test } from "vitest";
import withGort from "../src/next.ts";

type Config = Record<string, any>;

const LOADER = "@gort/compiler/webpack-loader";
const FILES = "*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}";

/** The rules webpack has after Next.js has called the configuration. */
function webpackRules(config: Config, context: Config): Config[] {
  const rules: Config[] = [];
  expect(config["webpack"]({ module: { rules } }, context)).toEqual({ module: { rules } });
  return rules;
}

test("both of its bundlers compile what the server runs on Node.js, and gort stays outside", () => {
  const config = withGort({ reactStrictMode: true }) as Config;
  expect(config).toMatchObject({ reactStrictMode: true, serverExternalPackages: ["gort"] });
  const rule = { condition: { all: ["node", { not: "foreign" }] }, loaders: [{ loader: LOADER, options: {} }] };
  expect(config["turbopack"]).toEqual({ rules: { [FILES]: rule } });
  const [added, ...others] = webpackRules(config, { isServer: true, nextRuntime: "nodejs" });
  expect(added).toMatchObject({ enforce: "pre", use: { loader: LOADER, options: {} } });
  for (const file of ["a.ts", "a.tsx", "a.mjs", "a.cts"]) expect(file).toMatch(added!["test"]);
  expect("a.css").not.toMatch(added!["test"]);
  expect(others).toEqual([]);
  for (const context of [{ isServer: false }, { isServer: true, nextRuntime: "edge" }])
    expect(webpackRules(config, context)).toEqual([]);
});

test("what was there stays: external packages, rules of the same files, a webpack function", () => {
  const before = { loaders: ["other"] };
  const seen: string[] = [];
  const webpack = (given: Config): Config => {
    seen.push("webpack");
    return given;
  };
  const config = withGort({
    serverExternalPackages: ["pg", "gort"],
    turbopack: { root: "/app", rules: { "*.svg": before, [FILES]: before } },
    webpack,
  }) as Config;
  expect(config["serverExternalPackages"]).toEqual(["pg", "gort"]);
  expect(config["turbopack"]).toMatchObject({
    root: "/app",
    rules: { "*.svg": before, [FILES]: [before, { loaders: [{ loader: LOADER }] }] },
  });
  expect(webpackRules(config, { isServer: true, nextRuntime: "nodejs" })).toHaveLength(1);
  expect(seen).toEqual(["webpack"]);
});

test("a function is called with what Next.js calls it with; packages that are included are compiled", async () => {
  const make = withGort(async (phase: string, { dir }: { dir: string }) => ({ env: { phase, dir } }), {
    include: ["lib"],
  });
  const config = (await (make as (phase: string, context: object) => Promise<Config>)("dev", {
    dir: "/app",
  })) as Config;
  expect(config).toMatchObject({
    env: { phase: "dev", dir: "/app" },
    turbopack: {
      rules: { [FILES]: { condition: "node", loaders: [{ loader: LOADER, options: { include: ["lib"] } }] } },
    },
  });
  expect(withGort()).toMatchObject({ serverExternalPackages: ["gort"] });
});

test("options go to another process as text", () => {
  const config = withGort({}, { exclude: ["gen", /\.view\.tsx$/i], include: undefined }) as Config;
  const { options } = config["turbopack"].rules[FILES].loaders[0] as { options: object };
  expect(JSON.parse(JSON.stringify(options))).toStrictEqual(options);
  expect(options).toEqual({ exclude: ["gen", { source: "\\.view\\.tsx$", flags: "i" }] });
});
