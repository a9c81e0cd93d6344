import { passwordFault, type PasswordOwner } from '../../platform/passwordStrength';
import { ruleBroken } from '../administer';

/** Throws Failure `rule_broken`, naming the field, for a password that others guess easily. */
export function requireGoodPassword(password: string, owner: PasswordOwner, field: string): void {
  const fault = passwordFault(password, owner);
  if (fault !== undefined) throw ruleBroken('Choose another password.', { errors: [{ field, message: fault }] });
}
