/** The mail channel; it lives in `platform/` because the API's test of a team channel sends mail too. */
export { openMail, type Letter, type MailChannel, type MailOutcome } from '../../platform/mail';
