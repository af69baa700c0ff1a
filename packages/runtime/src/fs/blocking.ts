/** Functions that return promises, as functions that park. */
import { waitReason } from "../scheduler/reason.ts";
import { waitFor } from "../scheduler/wait.ts";

const FILE: number = waitReason("IO wait (file)");

/** Parks the caller until an operation on a file is done. */
export function waitFile<T>(promise: Promise<T>): T {
  return waitFor(promise, FILE) as T;
}

/** The type of a function that returns a promise, as that of one that parks and returns its result: each of its overloads. */
export type Blocking<F> = F extends {
  (...args: infer A1): Promise<infer R1>;
  (...args: infer A2): Promise<infer R2>;
  (...args: infer A3): Promise<infer R3>;
  (...args: infer A4): Promise<infer R4>;
  (...args: infer A5): Promise<infer R5>;
  (...args: infer A6): Promise<infer R6>;
  (...args: infer A7): Promise<infer R7>;
  (...args: infer A8): Promise<infer R8>;
  (...args: infer A9): Promise<infer R9>;
}
  ? {
      (...args: A1): R1;
      (...args: A2): R2;
      (...args: A3): R3;
      (...args: A4): R4;
      (...args: A5): R5;
      (...args: A6): R6;
      (...args: A7): R7;
      (...args: A8): R8;
      (...args: A9): R9;
    }
  : never;

/** `f`, parking the caller until its promise has settled: returns its value, throws its reason. */
export function blocking<F extends (...args: never[]) => Promise<unknown>>(f: F): Blocking<F> {
  const promised = f as unknown as (...args: unknown[]) => Promise<unknown>;
  const blocked = (...args: unknown[]): unknown => waitFile(promised(...args));
  Object.defineProperty(blocked, "name", { value: f.name, configurable: true });
  return blocked as Blocking<F>;
}
