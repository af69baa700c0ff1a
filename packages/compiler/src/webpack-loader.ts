/** `@gort/compiler/webpack-loader`: for tools that take webpack's loaders and none of its plugins, as Turbopack does. */
import { CompileError } from "./errors.ts";
import { type GortOptions, transform, type Transformed } from "./bundle/transform.ts";

/** What a loader is called on, as far as it is used here. */
export interface LoaderContext {
  readonly resourcePath: string;
  getOptions(): GortOptions;
  async(): (error: unknown, code?: string, map?: object) => void;
}

/* oxlint-disable oxc/no-this-in-exported-function -- what a loader is called on is its interface */

/** Compiles a module of the application. Others it hands on as they are. Takes the options of the plugins ({@link GortOptions}). */
export default async function gort(this: LoaderContext, text: string, map?: object): Promise<void> {
  const tell = this.async();
  let made: Transformed | null = null;
  try {
    made = await transform(text, this.resourcePath, read(this.getOptions()), true);
  } catch (error) {
    tell(plain(error));
    return;
  }
  if (made === null) tell(null, text, map);
  else tell(null, made.code, made.map ?? map);
}

/** Tools that write options down know no patterns: those come as what they are made of (next.ts). */
function read(options: GortOptions): GortOptions {
  const exclude = options.exclude?.map((x) => (typeof x === "string" ? x : new RegExp(x.source, x.flags)));
  return exclude === undefined ? options : { ...options, exclude };
}

/** What is wrong in the user's file, without where in the compiler that was found: these tools print the stack. */
function plain(error: unknown): unknown {
  if (!(error instanceof Error && error.cause instanceof CompileError)) return error;
  const { message } = error;
  return Object.assign(new Error(message), { stack: message });
}
