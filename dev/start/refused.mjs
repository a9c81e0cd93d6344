/** Starting cannot go on; the message is one sentence that says what to do. */
export class Refused extends Error {
  constructor(sentence, exitCode = 1) {
    super(sentence);
    this.name = 'Refused';
    this.exitCode = exitCode;
  }
}
