/** The compiled protocol, base64: made from packages/runtime/wasm when the runtime is built (scripts/wasm.mjs). */
export declare const bytes: string;
