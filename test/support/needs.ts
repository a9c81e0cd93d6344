/** Registers a test that runs when `condition` holds; else it is skipped and the closing table says why. */
export function testWhen(condition: boolean, reason: string): (title: string, body: jest.ProvidesCallback) => void {
  return (title, body) => {
    if (condition) test(title, body);
    else test.skip(`${title} (skipped: ${reason})`, body);
  };
}
