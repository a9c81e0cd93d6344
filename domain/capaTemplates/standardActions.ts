import { calendarDays } from '../../contracts/spans';
import type { CapaTemplate } from './template';

/** The five measures that a CRO takes as a standard after findings on cyber security and backup (S2.18). */
export const STANDARD_ACTIONS: readonly CapaTemplate[] = [
  {
    key: 'annual-dr-test', version: 2, requirement: 'S2.18', kind: 'standard_action', topic: 'backup', severity: 'major', classification: 'preventive',
    title: 'Disaster recovery tested every year', description: 'The disaster-recovery plan is to be tested at least once a year, with times measured against their targets, a report and its follow-up.',
    basis: 'ICH E6(R3) 4.3.3(d): periodic test, as appropriate; EU GMP Annex 11 16: continuity arrangements are tested. The year is practice (NIST SP 800-53 CP-4 as FedRAMP uses it), no GCP text names it.',
    prompts: {
      what: 'What shows that recovery from a disaster is unproven: no test, an old one, one on paper only?', where: 'Which systems, data centres and vendors are in the plan, and which are not?',
      when: 'When was the last test with measured times?', extent: 'Which studies would stand still, for how long, and what would be lost?',
      containment: 'What would be done today if the disaster came: who, with which copies?', baseline: 'Recovery time and data loss measured in the last test, against their targets; or: never measured.',
    },
    whys: ['Why was recovery not tested?', 'Why did the plan have no date, scenario or owner?', 'Why did management not ask for the report?'],
    categories: ['procedure', 'oversight'], extentCheck: 'Every system whose loss would stop a study, and the vendors that it needs.',
    actions: [
      { id: 'plan', kind: 'preventive', level: 'system', description: 'Revise the plan: systems in order, recovery time and data loss targets, scenarios in rotation, people and deputies, failback.', dueAfter: calendarDays(45) },
      { id: 'test', kind: 'preventive', level: 'system', description: 'Carry out a functional test of one scenario; measure times and loss; report within 30 days, with a decision on the plan.', dueAfter: calendarDays(75) },
      { id: 'yearly', kind: 'preventive', level: 'system', description: 'Make it a yearly obligation that escalates when it is missed, with another scenario each time.', dueAfter: calendarDays(80) },
    ],
    documents: ['Disaster-recovery plan', 'Business continuity procedure'],
    effectiveness: {
      metric: 'Disaster-recovery tests within recovery time and data loss targets', target: 'the next yearly test met both targets, its report came within 30 days', window: calendarDays(365), sampleSize: 1, goal: 1,
      source: 'Signed report of the test', measuredBy: 'manual', intendedSource: 'disaster_recovery_tests',
    },
  },
  {
    key: 'encryption-policy', version: 2, requirement: 'S2.18', kind: 'standard_action', topic: 'security', severity: 'major', classification: 'preventive',
    title: 'Encryption policy in force', description: 'A policy is to say what is encrypted at rest and in transit, with which strength, who holds the keys, and how it is shown.',
    basis: 'ICH E6(R3) 4.3.3(a)-(b): security by procedures; the sponsor\'s contract may name algorithms and key custody.',
    prompts: {
      what: 'What is left to chance today: algorithms, keys, exports, media, links between companies?', where: 'Which systems, interfaces and devices fall under no rule?',
      when: 'When was it noticed that there is no policy, or that it is out of date?', extent: 'Which data and studies are protected by habit only?',
      containment: 'Which transfers or devices are stopped until the policy stands?', baseline: 'How many systems and interfaces in scope meet the new policy today, of how many?',
    },
    whys: ['Why is there no policy, or why is it not followed?', 'Why did systems go live without one?', 'Why did no review ask for it?'],
    categories: ['procedure', 'system_design'], extentCheck: 'Every place where trial data rest or pass through, including exports, test copies and mail.',
    actions: [
      { id: 'policy', kind: 'preventive', level: 'system', description: 'Write and approve the policy: data classes, algorithms, keys and their rotation, exceptions with an end date.', dueAfter: calendarDays(40) },
      { id: 'gaps', kind: 'preventive', level: 'system', description: 'Compare every system and interface with the policy; close each gap, or accept it with a signed reason and an end.', dueAfter: calendarDays(75) },
      { id: 'attest', kind: 'preventive', level: 'system', description: 'Have each system owner attest encryption with evidence, once a year and after each change.', dueAfter: calendarDays(80) },
    ],
    documents: ['Encryption policy', 'Key management procedure'],
    effectiveness: {
      metric: 'Systems and interfaces in scope that meet the policy, by evidence', target: '100 %, exceptions only with a signed reason and an end date', window: calendarDays(90), sampleSize: 3, goal: 1,
      source: 'Monthly sample of configuration evidence against the policy', measuredBy: 'manual', intendedSource: 'encryption_attestations',
    },
  },
  {
    key: 'sop-and-training', version: 2, requirement: 'S2.18', kind: 'standard_action', topic: 'quality', severity: 'minor', classification: 'preventive',
    title: 'Procedures on security and backup, and training in them', description: 'Procedures on security, backup and incidents are to be in force, and everybody with a task in them trained before doing it.',
    basis: 'ISO 13485:2016 8.5.2 d) as a method: documents are updated with the action; 21 CFR 11.10(i): education, training and experience of those who use the systems.',
    prompts: {
      what: 'Which procedure is missing, out of date or unknown to those who need it?', where: 'Which roles, sites and vendors?',
      when: 'When was it last reviewed; when did the practice change?', extent: 'What was done without it, or against it?',
      containment: 'What tells people the right way until the procedure is in force?', baseline: 'Share of people with a task who have current training today, and their result in a short test.',
    },
    whys: ['Why did people not work by a procedure?', 'Why was it missing, hard to find, or not how the work is done?', 'Why did training not reach them, or not stay?'],
    categories: ['procedure', 'training_system'], extentCheck: 'The other procedures of the same process, and other sites and vendors that follow them.',
    actions: [
      { id: 'procedures', kind: 'preventive', level: 'system', description: 'Write or revise the procedures with those who do the work; try them once before they are approved.', dueAfter: calendarDays(60) },
      { id: 'training', kind: 'preventive', level: 'person', description: 'Train everybody with a task in them, with a short test of use, not of memory.', dueAfter: calendarDays(80) },
      { id: 'gate', kind: 'preventive', level: 'system', description: 'Bind the task to current training: without it no access and no signature.', dueAfter: calendarDays(110) },
    ],
    documents: ['Security, backup and incident procedures', 'Training curricula by role'],
    effectiveness: {
      metric: 'Tasks in a sample that were done by the procedure, by people with current training', target: 'at least 19 of 20', window: calendarDays(90), sampleSize: 20, goal: 0.95,
      source: 'Sample of completed tasks with their training records', measuredBy: 'manual', intendedSource: 'training_records',
    },
  },
  {
    key: 'internal-audits', version: 2, requirement: 'S2.18', kind: 'standard_action', topic: 'quality', severity: 'minor', classification: 'preventive',
    title: 'Security and backup in the internal audit programme', description: 'Internal audits are to look at security and at the validation of backups, on a schedule, and their findings are to be followed to the end.',
    basis: 'ICH E6(R3) 3.6 and 3.9: oversight by the sponsor needs providers that manage quality themselves. The interval is a matter of risk and of the SOP.',
    prompts: {
      what: 'What did audits not look at, or find and not follow?', where: 'Which systems, sites and vendors are not in the programme?',
      when: 'When was the last audit of this kind?', extent: 'Which findings of others should an audit of ours have brought up before?',
      containment: 'Which system is looked at now, before the programme stands?', baseline: 'Share of the due dates of audit findings that were met over the last year.',
    },
    whys: ['Why did audits not look there?', 'Why did nobody with the knowledge take part?', 'Why were findings not followed in time?'],
    categories: ['oversight', 'resources'], extentCheck: 'The rest of the audit programme: which other risks are in nobody\'s scope?',
    actions: [
      { id: 'programme', kind: 'preventive', level: 'system', description: 'Put security and backup validation into the programme by risk, with dates, scope and an auditor who knows the matter.', dueAfter: calendarDays(45) },
      { id: 'checklist', kind: 'preventive', level: 'system', description: 'Write the checklist: access, encryption, restore evidence, disaster recovery, incidents, vendors; evidence for each answer.', dueAfter: calendarDays(60) },
      { id: 'first-audit', kind: 'preventive', level: 'system', description: 'Carry out the first audit; every finding becomes a CAPA with a date.', dueAfter: calendarDays(110) },
    ],
    documents: ['Audit programme', 'Audit checklist on security and backup'],
    effectiveness: {
      metric: 'Due dates of CAPAs that were met in time', target: 'every one in the window, at least 10 due dates', window: calendarDays(180), sampleSize: 10, goal: 1,
      source: 'The ledger of passed deadlines of CAPAs', measuredBy: 'deadline_lateness', intendedSource: 'deadline_lateness',
    },
  },
  {
    key: 'vendor-clauses', version: 2, requirement: 'S2.18', kind: 'standard_action', topic: 'vendor', severity: 'major', classification: 'preventive',
    title: 'Clauses on security, backup and records in every vendor contract', description: 'Contracts with vendors are to have clauses on security, backup and restore evidence, incident notice, electronic records, audits and sub-vendors.',
    basis: 'ICH E6(R3) 3.6: documented agreements, oversight of further subcontracting; EMA/INS/GCP/112288/2023 6.7: explicit contract with a qualified provider.',
    prompts: {
      what: 'Which clauses are missing in which contracts?', where: 'Which vendors and sub-vendors hold or can change trial records?',
      when: 'When do these contracts end or renew?', extent: 'Which studies and sponsors rely on them; what was promised to sponsors that no vendor has promised us?',
      containment: 'What is asked of the vendors in writing meanwhile?', baseline: 'How many contracts in scope have every clause today, of how many?',
    },
    whys: ['Why do contracts lack the clauses?', 'Why does purchasing not ask quality?', 'Why are contracts not reviewed when rules change?'],
    categories: ['vendor_control', 'procedure'], extentCheck: 'Contracts of every vendor and sub-vendor in the register, also of those used by one study only.',
    actions: [
      { id: 'clause-list', kind: 'preventive', level: 'system', description: 'Agree on the clause list with the sponsors\' quality and with legal; make it part of every template contract.', dueAfter: calendarDays(40) },
      { id: 'amend', kind: 'preventive', level: 'system', description: 'Amend contracts in order of risk; where a vendor refuses, a signed risk acceptance or another vendor.', dueAfter: calendarDays(80) },
      { id: 'review', kind: 'preventive', level: 'system', description: 'Review clauses at each renewal and each requalification, with a record.', dueAfter: calendarDays(85) },
    ],
    documents: ['Clause list for vendors', 'Contract templates'],
    effectiveness: {
      metric: 'Contracts in scope with every clause signed', target: '100 % of those with trial records, at the end of the window', window: calendarDays(120), sampleSize: 10, goal: 1,
      source: 'Signed contracts, against the register of vendors', measuredBy: 'manual', intendedSource: 'signed_clauses',
    },
  },
];
