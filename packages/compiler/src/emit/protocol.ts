/** What compiled code and the runtime have agreed on; the runtime's internal/version.ts says what that is. */
export const PROTOCOL = 9;
