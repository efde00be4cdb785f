/** Root of a sandbox is this user of the host, who owns nothing. */
export const HOST_ROOT = 100_000;
export const MAPPED_IDS = 65_536;
/** The user that functions run as, inside. */
export const FUNCTION_USER = 1000;
/** The same user as the host sees it: owner of what a function may write. */
export const HOST_FUNCTION_USER = HOST_ROOT + FUNCTION_USER;
