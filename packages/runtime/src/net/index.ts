/** `gort/net`: connections over TCP, Unix sockets and TLS that read like blocking code. Go: package net. */
export { Conn } from "./conn.ts";
export { dial, type DialOptions } from "./dial.ts";
export { NetError } from "./error.ts";
export { serve, type ConnHandler, type ConnServer } from "./serve.ts";
export { listen, type Listener, type ListenOptions } from "./listener.ts";
