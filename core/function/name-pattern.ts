/** A DNS label: what fits into a host name, a path segment and a file name alike. */
export const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
