import type { XmlReader } from './reader.js';

/** After so many rows that differ from the one before, a page is not worth the trouble. */
const MAX_DIFFERING = 32;

/** One kind of row in a listing. */
export interface RowShape<Row> {
  /** Elements that only hold others, such as `Owner`; the fields in them are named `Owner/ID`. */
  readonly groups: readonly string[];
  create(): Row;
  /** Reads the field just opened into the row; false, with nothing read, when the field is unknown. */
  read(xml: XmlReader, field: string, row: Row): boolean;
}

/** The markup before each value of a row, and after the last. */
interface Pattern {
  readonly steps: readonly { readonly before: string; readonly field: string }[];
  readonly after: string;
}

/** The markup of a row while it is read for the first time. */
class Recorder {
  readonly #xml: XmlReader;
  readonly #steps: { before: string; field: string }[] = [];
  #from: number;
  #isUsable = true;

  constructor(xml: XmlReader) {
    this.#xml = xml;
    this.#from = xml.position;
  }

  /** Notes a field that begins at `valueFrom` and has been read. */
  note(field: string, valueFrom: number): void {
    const end = this.#xml.valueEnd;
    // The value of <so/> has no place of its own.
    if (end < valueFrom || this.#xml.markup(valueFrom - 2, valueFrom) === '/>') this.#isUsable = false;
    this.#steps.push({ before: this.#xml.markup(this.#from, valueFrom), field });
    this.#from = end;
  }

  finish(): Pattern | undefined {
    const after = this.#xml.markup(this.#from, this.#xml.position);
    return this.#isUsable ? { steps: this.#steps, after } : undefined;
  }
}

/**
 * Reads the rows of one listing. Services write each row with the same markup, so that after one row was read tag by tag the next
 * ones are followed along its markup, which takes a third of the time; a row that differs is read tag by tag again.
 */
export class RowReader<Row> {
  readonly #xml: XmlReader;
  readonly #shape: RowShape<Row>;
  #pattern: Pattern | undefined;
  #differing = 0;

  constructor(xml: XmlReader, shape: RowShape<Row>) {
    this.#xml = xml;
    this.#shape = shape;
  }

  /** Reads and closes the row just opened. */
  read(): Row {
    if (this.#pattern === undefined) return this.#readTags(this.#differing < MAX_DIFFERING);
    return this.#followPattern(this.#pattern) ?? this.#readTags(++this.#differing < MAX_DIFFERING);
  }

  #followPattern({ steps, after }: Pattern): Row | undefined {
    const xml = this.#xml;
    const shape = this.#shape;
    const start = xml.position;
    if (!xml.beginFollowing()) return undefined;
    const row = shape.create();
    let isSame = true;
    for (let at = 0; isSame && at < steps.length; at += 1) {
      const step = steps[at] as Pattern['steps'][number];
      isSame = xml.follow(step.before) && shape.read(xml, step.field, row);
    }
    isSame &&= xml.follow(after);
    xml.endFollowing(isSame ? undefined : start);
    return isSame ? row : undefined;
  }

  #readTags(isRecorded: boolean): Row {
    const row = this.#shape.create();
    const recorder = isRecorded ? new Recorder(this.#xml) : undefined;
    this.#readFields('', row, recorder);
    this.#pattern = recorder?.finish();
    return row;
  }

  #readFields(path: string, row: Row, recorder: Recorder | undefined): void {
    const xml = this.#xml;
    for (let name = xml.child(); name !== undefined; name = xml.child()) {
      const from = xml.position;
      if (this.#shape.groups.includes(name)) this.#readFields(`${name}/`, row, recorder);
      else if (this.#shape.read(xml, path + name, row)) recorder?.note(path + name, from);
      else xml.skip();
    }
  }
}
