/** A path with its query as it may stand in a request line: no blanks, line ends or letters beyond Latin-1. */
export const REQUEST_PATH = /^\/[\x21-\x7e\x80-\xff]*$/;

/** The name of a header (RFC 9110 §5.1). */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The value of a header (RFC 9110 §5.5): no line ends and no control characters. */
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
