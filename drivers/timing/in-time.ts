/**
 * The answer, where it comes within so many milliseconds. What asked goes on all the same, and its end is not heard.
 * @throws what `late` makes, by default an error that says so
 */
export async function inTime<T>(
  answer: Promise<T>,
  ms: number,
  late: () => Error = () => new Error(`no answer within ${ms} ms`),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  return Promise.race([answer, over]).finally(() => clearTimeout(timer));
}
