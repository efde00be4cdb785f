/** A command line of the help as a shell would take it apart. */
export interface ExampleLine {
  readonly argv: readonly string[];
  /** File that standard input comes from. */
  readonly input: string | undefined;
}

/** @throws Error for a line that is none of `presage` */
export function readExample(line: string): ExampleLine {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)].map(
    ([, single, double, bare]) => ({ text: single ?? double ?? bare ?? '', bare: bare !== undefined }),
  );
  const isSign = (sign: string) => (word: (typeof words)[number]): boolean => word.bare && word.text === sign;
  // What comes behind belongs to other programs.
  const end = words.findIndex((word) => isSign('|')(word) || isSign('>')(word));
  const own = end < 0 ? words : words.slice(0, end);
  const from = own.findIndex(isSign('<'));
  const [program, ...argv] = (from < 0 ? own : own.slice(0, from)).map(({ text }) => text);
  if (program !== 'presage') throw new Error(`not a line of presage: ${line}`);
  return { argv, input: from < 0 ? undefined : own[from + 1]?.text };
}
