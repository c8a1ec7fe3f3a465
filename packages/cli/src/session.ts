import type { Command } from 'commander';
import { Output } from './output.js';
import { loadSettings } from './settings.js';
import { Stores } from './stores.js';

/** What every command is run with. */
export interface Session {
  readonly output: Output;
  /** Ends when the process is told to stop. */
  readonly signal: AbortSignal;
  /** Reads the settings when it is first called. Throws `UsageError`. */
  readonly stores: () => Promise<Stores>;
}

/** Options that stand before or after the name of every command. */
interface CommonOptions {
  readonly settings?: string;
  readonly json?: true;
  readonly quiet?: true;
}

export type Work<Options> = (session: Session, options: Options, args: readonly string[]) => Promise<void>;

/** The process as far as commands see it. */
export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Makes the action of a command: with a session, which is closed at the end, whatever happened. */
export function action<Options extends object>(streams: Streams, signal: AbortSignal, work: Work<Options>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<CommonOptions & Options>();
    const output = new Output(streams, { json: options.json ?? false, quiet: options.quiet ?? false });
    let opened: Promise<Stores> | undefined;
    const stores = async (): Promise<Stores> =>
      new Stores(await loadSettings(options.settings), (message) => output.warn(message));
    try {
      await work({ output, signal, stores: () => (opened ??= stores()) }, options, command.args);
    } finally {
      await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]();
    }
  };
}
