/** Starting cannot go on; the message is one sentence that says what to do. */
export class Refused extends Error {
  readonly exitCode = 1;
  constructor(sentence: string) {
    super(sentence);
    this.name = 'Refused';
  }
}
