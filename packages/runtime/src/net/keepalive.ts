/**
 * A peer that has vanished (no power, no network, a middlebox that forgot) says nothing, ever: whoever reads from it would wait for
 * good. The system asks it now and then, and "ETIMEDOUT" ends the wait. Go: the same, net.ListenConfig.KeepAlive.
 */

/** How long a connection is silent before the system asks, ms. Go: 15 s. */
export const KEEP_ALIVE_DELAY: number = 15_000;

/** Options of Node's sockets and servers. */
export const KEEP_ALIVE: { readonly keepAlive: boolean; readonly keepAliveInitialDelay: number } = {
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_DELAY,
};
