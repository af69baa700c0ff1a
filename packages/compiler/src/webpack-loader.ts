/** `@gort/compiler/webpack-loader`: for tools that take webpack's loaders and none of its plugins, as Turbopack does. */
import { type GortOptions, transform } from "./transform.ts";

/** What a loader is called on, as far as it is used here. */
export interface LoaderContext {
  readonly resourcePath: string;
  getOptions(): GortOptions;
  async(): (error: unknown, code?: string, map?: object) => void;
}

/** Compiles a module of the application. Others it hands on as they are. */
export default function gort(this: LoaderContext, text: string, map?: object): void {
  const done = this.async();
  transform(text, this.resourcePath, this.getOptions(), true).then((made) => {
    if (made === null) done(null, text, map);
    else done(null, made.code, made.map ?? undefined);
  }, done);
}
