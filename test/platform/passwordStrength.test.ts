import { passwordFault } from '../../platform/passwordStrength';

const owner = { name: 'Dana Whitfield', email: 'dana.whitfield@meridian.example' };

describe('P9 passwords that others guess', () => {
  test.each([
    ['            ', 'twelve blanks'], ['password1234', 'a breached one'], ['aaaaaaaaaaaa', 'one character'], ['qwertyuiop[]', 'a row of the keyboard'], ['123456789012', 'a sequence'],
    ['danawhitfield', 'the own name'], ['Dana.Whitfield', 'the own name again'], ['dana.whitfield@meridian.example', 'the own address'], ['P@ssw0rd1234', 'letters exchanged'], ['iloveyou1234', 'a common one'],
  ])('P9 %s is refused: %s', (password) => {
    expect(passwordFault(password, owner)).toEqual(expect.any(String));
  });

  test.each(['correct horse battery', 'my own choice of words', 'Kx7-vq2!mZ9#', 'ein ziemlich langer satz über katzen', 'another long password', 'x'.repeat(3) + 'Lantern orbit 44 pickle'])('P9 %s is taken', (password) => {
    expect(passwordFault(password, owner)).toBeUndefined();
  });
});
