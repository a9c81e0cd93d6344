const FINDINGS = 'domain/capaTemplates/findings.ts';
const TEMPLATES = ['test/domain/capaTemplates/templates.test.ts'];

/** Rules behind what is claimed of tools and findings, and of the notes and papers themselves. */
export const CLAIMS = [
  {
    id: 'S1.2', breaks: 'how often there is contact is read in days where business days were written',
    file: 'domain/matrix/durationText.ts', find: "unit === 'bd' || unit === 'bh' ?", replace: "unit === 'bh' ?", tests: ['test/domain/matrix/table.test.ts'],
  },
  {
    id: 'S1.3', breaks: 'an issue that nobody takes up stays where it is',
    file: 'domain/escalation/plan.ts', find: 'return { level: at.level + 1, round: at.round };', replace: 'return { level: at.level, round: at.round };', tests: ['test/domain/escalation/ladder.test.ts'],
  },
  {
    id: 'S1.16', breaks: 'the validation notes leave out which test proves what',
    file: 'test/validation.mjs', find: "return `\\`${file.replace(/^test\\//, '')}\\`: ${titles.join('; ')}`;", replace: "return `\\`${file.replace(/^test\\//, '')}\\`: ${String(titles.length)} tests`;", tests: ['test/architecture/validation.test.ts'],
  },
  {
    id: 'S2.10', breaks: 'the template for unencrypted storage gives its first action more time than the CAPA has',
    file: FINDINGS, find: "show by a configuration export that it is.', dueAfter: calendarDays(14)", replace: "show by a configuration export that it is.', dueAfter: calendarDays(1400)", tests: TEMPLATES,
  },
  {
    id: 'S2.11', breaks: 'a CAPA on untested backups is not meant to be closed by restores',
    file: FINDINGS, find: "intendedSource: 'restoration_tests'", replace: "intendedSource: 'signed_clauses'", tests: TEMPLATES,
  },
  {
    id: 'S2.12', breaks: 'a CAPA on a missing escalation process is not measured by drills',
    file: FINDINGS, find: "measuredBy: 'escalation_drills'", replace: "measuredBy: 'manual'", tests: TEMPLATES,
  },
  {
    id: 'S2.13', breaks: 'a CAPA on a vendor without clauses is not meant to be closed by signed clauses',
    file: FINDINGS, find: "intendedSource: 'signed_clauses'", replace: "intendedSource: 'access_reviews'", tests: TEMPLATES,
  },
  {
    id: 'S2.14', breaks: 'a CAPA on shared credentials is not meant to be closed by access reviews',
    file: FINDINGS, find: "intendedSource: 'access_reviews'", replace: "intendedSource: 'signed_clauses'", tests: TEMPLATES,
  },
  {
    id: 'S2.18', breaks: 'a CAPA from a template does not say which version of it',
    file: 'domain/capaTemplates/sections.ts', find: 'From template ${template.key}, version ${template.version}.', replace: 'From template ${template.key}.', tests: TEMPLATES,
  },
  {
    id: 'P15', breaks: 'a report shows what is for the other organisation only',
    file: 'domain/capaReport/report.ts', find: 'return isVisible(entry, organisationIds) ? entry :', replace: 'return isVisible(entry, [...organisationIds, ...(entry.visibleTo ?? [])]) ? entry :', tests: ['test/domain/capaReport/report.test.ts'],
  },
];
