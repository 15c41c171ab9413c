declare module 'dotenv' {
  /** The variables of an env file. */
  export function parse(text: string | Buffer): Record<string, string>;
}
