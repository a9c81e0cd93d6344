import { calendarDays } from '../../contracts/spans';
import type { CapaTemplate } from './template';

/** The five findings that audits of a CRO's systems bring up most often (S2.10 to S2.14). */
export const FINDINGS: readonly CapaTemplate[] = [
  {
    key: 'unencrypted-storage', version: 2, requirement: 'S2.10', kind: 'finding', topic: 'security', severity: 'critical', classification: 'corrective',
    title: 'Trial data stored unencrypted', description: 'Trial data, or a backup of it, was found on storage that is not encrypted at rest.',
    basis: 'ICH E6(R3) 4.3.3 asks for security measures in proportion to the data; encryption at rest is the usual one. The sponsor\'s contract or SOP may ask for more.',
    prompts: {
      what: 'Which data lie unencrypted: which kinds, of how many subjects, with or without names?', where: 'Which system, volume, bucket, medium or backup, in which location, run by whom?',
      when: 'Since when has it been so, and when and how was it found?', extent: 'Which studies, sites and sponsors are concerned; who could have read the data?',
      containment: 'What keeps strangers from the data today: access closed, network cut off, volume moved?', baseline: 'How many of the systems and backups in scope are encrypted today, of how many?',
    },
    whys: ['Why was the storage not encrypted?', 'Why was that not noticed when it was set up or changed?', 'Why did no later check find it?'],
    categories: ['system_configuration', 'change_control'], extentCheck: 'Every system of the inventory that holds trial data, its replicas, exports, laptops and backup media, also at vendors.',
    actions: [
      { id: 'encrypt', kind: 'corrective', level: 'system', description: 'Encrypt the storage and every copy of it, with keys held apart from the data; show by a configuration export that it is.', dueAfter: calendarDays(14) },
      { id: 'old-copies', kind: 'corrective', level: 'system', description: 'Find the unencrypted copies that remain, and destroy or encrypt them, with a record of each.', dueAfter: calendarDays(21) },
      { id: 'baseline', kind: 'preventive', level: 'system', description: 'Make encryption part of the build standard: what is not encrypted cannot go live, and an automatic check reports drift.', dueAfter: calendarDays(45) },
    ],
    documents: ['Encryption standard', 'System inventory', 'Change control procedure'],
    effectiveness: {
      metric: 'Share of systems and backups in scope that are encrypted at rest, by configuration evidence', target: '100 % at every monthly check of the window', window: calendarDays(90), sampleSize: 3, goal: 1,
      source: 'Monthly configuration evidence of every system in scope', measuredBy: 'manual', intendedSource: 'encryption_attestations',
    },
  },
  {
    key: 'untested-backup', version: 2, requirement: 'S2.11', kind: 'finding', topic: 'backup', severity: 'major', classification: 'corrective',
    title: 'Backups never validated by a restore', description: 'Backups are made, but nobody has shown at regular intervals that they can be restored whole and readable.',
    basis: 'ICH E6(R3) 4.3.3(c)-(d): backup and its periodic test, as appropriate; EU GMP Annex 11 7.2: the ability to restore is checked and monitored. A quarter is the interval of CIS Controls 11.5, no GCP text names one.',
    prompts: {
      what: 'Which backups were not tested, or which test failed and how?', where: 'Which system, which backup tool and location, run by whom?',
      when: 'When was the last restore that worked, if there was any; when was the gap found?', extent: 'Which studies and which data would have been lost, and back to which day?',
      containment: 'What protects the data until the next tested restore: a second copy, a restore done now?', baseline: 'How many of the last four quarters have a passed and documented restore, per system in scope?',
    },
    whys: ['Why was no restore tested?', 'Why did the backup procedure not ask for it, or nobody follow it?', 'Why did nobody miss the evidence?'],
    categories: ['procedure', 'validation'], extentCheck: 'Every system with trial data and its configuration, and the backups that vendors make for us.',
    actions: [
      { id: 'restore-now', kind: 'corrective', level: 'system', description: 'Restore the latest backup of every system in scope into an isolated place; check records, audit trail, signatures and attachments; keep the evidence.', dueAfter: calendarDays(21) },
      { id: 'plan', kind: 'corrective', level: 'system', description: 'Write a restoration plan for each system: what is restored, how often and why so often, what counts as passed, who tests and who verifies.', dueAfter: calendarDays(30) },
      { id: 'schedule', kind: 'preventive', level: 'system', description: 'Put the tests on a schedule whose missed dates escalate by themselves, with a test after every change of backup or restore tooling.', dueAfter: calendarDays(60) },
    ],
    documents: ['Backup and restore procedure', 'Restoration plans'],
    effectiveness: {
      metric: 'Restoration tests passed in their window, of those due', target: 'every test due in the window passed, at least 3 in a row for each system', window: calendarDays(270), sampleSize: 3, goal: 1,
      source: 'Signed records of restoration tests', measuredBy: 'manual', intendedSource: 'restoration_tests',
    },
  },
  {
    key: 'no-cyber-escalation', version: 2, requirement: 'S2.12', kind: 'finding', topic: 'security', severity: 'major', classification: 'corrective',
    title: 'No escalation process for cyber incidents', description: 'Nobody could say who is told of a cyber incident, in which order, how fast, and what happens when they do not answer.',
    basis: 'ICH E6(R3) 3.9: timely escalation and follow-up of issues by the sponsor\'s oversight; EMA/INS/GCP/112288/2023 A4.11: security incidents reach the sponsor in time. Verify the wording before quoting it.',
    prompts: {
      what: 'Which incident, exercise or question showed that there is no process?', where: 'Which teams, shifts and vendors have no path to whom they must tell?',
      when: 'When was it found, and which incidents before it went unescalated?', extent: 'Which studies and sponsors would have been told too late, and which clocks would have run?',
      containment: 'Who is reachable from today, round the clock, until the process stands?', baseline: 'How long did it take until the right person on each side had acknowledged, in the last incident or in a drill now?',
    },
    whys: ['Why was nobody told, or not in time?', 'Why did no procedure name people, deputies and times?', 'Why did no exercise show the gap?'],
    categories: ['procedure', 'communication'], extentCheck: 'Every study and vendor for which a row of the communication matrix on security is missing or has no deputy.',
    actions: [
      { id: 'matrix', kind: 'corrective', level: 'system', description: 'Put rows for the topic security in force on every study: contacts with deputies on both sides, a round-the-clock ladder, a channel with fallback.', dueAfter: calendarDays(21) },
      { id: 'procedure', kind: 'corrective', level: 'system', description: 'Write and approve the incident procedure: what is an incident, how grave, who is told within which time, which regulatory clocks start.', dueAfter: calendarDays(30) },
      { id: 'drill', kind: 'preventive', level: 'system', description: 'Drill the ladder each quarter, once of them out of hours, and act on what the report shows.', dueAfter: calendarDays(60) },
    ],
    documents: ['Cyber incident procedure', 'Communication matrix'],
    effectiveness: {
      metric: 'Escalation drills in which every side acknowledged before its second level was told', target: '3 of 3 drills, one of them out of hours', window: calendarDays(120), sampleSize: 3, goal: 1,
      source: 'Reports of escalation drills on the topic security', measuredBy: 'escalation_drills', intendedSource: 'escalation_drills',
    },
  },
  {
    key: 'vendor-without-sla', version: 2, requirement: 'S2.13', kind: 'finding', topic: 'vendor', severity: 'major', classification: 'corrective',
    title: 'Vendor without clauses on electronic records', description: 'A vendor that holds trial records has no contract that binds it to what 21 CFR Part 11 and EU rules ask of electronic records and signatures.',
    basis: 'ICH E6(R3) 3.6: agreements are documented before the activity, also down the chain; EMA/INS/GCP/112288/2023 6.7: a qualified provider and an explicit contract.',
    prompts: {
      what: 'Which obligations are missing: audit trail, access, backup, incident notice, audit right, records at the end?', where: 'Which vendor and sub-vendor, which systems and data, in which country?',
      when: 'Since when has it worked without them; when does the contract end?', extent: 'Which studies and sponsors depend on the vendor, and which records would be missing in an inspection?',
      containment: 'What is asked of the vendor in writing until the clauses are signed; which data go there no more?', baseline: 'How many vendors in scope have every clause of the list signed today, of how many?',
    },
    whys: ['Why was the vendor used without the clauses?', 'Why did qualification and purchase let it pass?', 'Why did no periodic review find the gap?'],
    categories: ['vendor_control', 'oversight'], extentCheck: 'Every vendor and sub-vendor that stores, processes or can change trial records.',
    actions: [
      { id: 'clauses', kind: 'corrective', level: 'system', description: 'Agree and sign the missing clauses, or a risk acceptance with an end date signed by the sponsor\'s quality.', dueAfter: calendarDays(45) },
      { id: 'flow-down', kind: 'corrective', level: 'system', description: 'Show that the vendor has bound its own sub-vendors to the same clauses.', dueAfter: calendarDays(50) },
      { id: 'gate', kind: 'preventive', level: 'system', description: 'Make the clause list a gate: no purchase, renewal or access without it.', dueAfter: calendarDays(60) },
    ],
    documents: ['Clause list for vendors', 'Vendor qualification procedure'],
    effectiveness: {
      metric: 'Vendors in scope with every clause signed', target: '100 %, and no vendor taken on without them in the window', window: calendarDays(90), sampleSize: 1, goal: 1,
      source: 'Signed contracts, against the register of vendors', measuredBy: 'manual', intendedSource: 'signed_clauses',
    },
  },
  {
    key: 'shared-credentials', version: 2, requirement: 'S2.14', kind: 'finding', topic: 'security', severity: 'major', classification: 'corrective',
    title: 'Shared credentials', description: 'Several people used one account or one password on a system with trial records, so that what was done cannot be attributed.',
    basis: '21 CFR 11.10(d), 11.100(a), 11.300(a): access for the authorised, identification unique to one person; EMA/INS/GCP/112288/2023 A3.5: individual accounts.',
    prompts: {
      what: 'Which account was shared, with which rights, by how many people?', where: 'Which system, environment and site?',
      when: 'From when to when, and how was it found?', extent: 'Which entries, changes or signatures of the account cannot be attributed to one person?',
      containment: 'Is the account locked, its password changed, its sessions ended; how do people work meanwhile?', baseline: 'How many accounts on the systems in scope are not bound to one person today, of how many?',
    },
    whys: ['Why did people share an account?', 'Why were there no accounts of their own, or why were these slower to get?', 'Why did no access review show it?'],
    categories: ['access_control', 'training_system'], extentCheck: 'Generic, service and vendor accounts of every system in scope, in every environment that holds trial records.',
    actions: [
      { id: 'own-accounts', kind: 'corrective', level: 'system', description: 'Give each person an account of their own with the rights of their task; remove the shared one.', dueAfter: calendarDays(14) },
      { id: 'attribution', kind: 'corrective', level: 'system', description: 'Look through what was done by the shared account; attribute it by other evidence, or record that it cannot be.', dueAfter: calendarDays(30) },
      { id: 'retrain', kind: 'preventive', level: 'person', description: 'Train everybody with access in why accounts are personal, and in the quick way to one.', dueAfter: calendarDays(45) },
      { id: 'review', kind: 'preventive', level: 'system', description: 'Review access each quarter, signed by the system owner; make the way to an account shorter than the way around it.', dueAfter: calendarDays(60) },
    ],
    documents: ['Access management procedure', 'Training on personal accounts'],
    effectiveness: {
      metric: 'Accounts not bound to one person, found by signed access reviews', target: '0 in two reviews in a row', window: calendarDays(180), sampleSize: 2, goal: 1,
      source: 'Signed access reviews of every system in scope', measuredBy: 'manual', intendedSource: 'access_reviews',
    },
  },
];
