/** Which engines a project's tests need. */
export const NEEDS = {
  unit: [],
  store: ['mongod', 'temporal'],
  workflow: ['mongod', 'temporal-test-server'],
  replay: [],
  e2e: ['mongod', 'temporal'],
  faults: ['mongod', 'temporal'],
};

export const USAGE = `Usage: npm test [-- options] [-- path …]

Everything on real engines, or a part:
  npm test                          all projects
  npm test -- --only unit,store     these projects: ${Object.keys(NEEDS).join(', ')}
  npm test -- test/store/audit      tests below these paths
  npm test -- -t 'E5'               tests whose name fits
`;

/**
 * Reads the command line of `npm test`. Throws an Error with a sentence.
 * @param {Record<string, string[]>} folders folders of test/ per project, the longest prefix wins
 */
export function select(argv, folders) {
  const selection = { help: false, projects: Object.keys(NEEDS), paths: [], jest: [], whole: true };
  const words = [...argv];
  while (words.length > 0) {
    const word = words.shift();
    if (word === '--help') selection.help = true;
    else if (word === '--only') selection.projects = projectsOf(words.shift());
    else if (word.startsWith('--only=')) selection.projects = projectsOf(word.slice('--only='.length));
    else if (word === '-t' || word === '--testNamePattern') selection.jest.push('-t', words.shift() ?? '');
    else if (word.startsWith('-')) selection.jest.push(word);
    else selection.paths.push(word);
  }
  selection.whole = selection.paths.length === 0 && selection.jest.length === 0 && selection.projects.length === Object.keys(NEEDS).length;
  const named = selection.paths.flatMap((path) => projectsAt(path, folders));
  if (named.length > 0) selection.projects = selection.projects.filter((project) => named.includes(project));
  return selection;
}

function projectsOf(list) {
  const names = (list ?? '').split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !(name in NEEDS));
  if (names.length === 0 || unknown.length > 0) throw new Error(`--only takes a list of: ${Object.keys(NEEDS).join(', ')}.`);
  return names;
}

/** The project that owns a path, or all that lie below it. Nothing when the path says nothing about that. */
function projectsAt(path, folders) {
  const inside = path.replace(/^\.?\/*/, '').replace(/^.*?test\//, '').replace(/\/$/, '');
  const all = Object.entries(folders).flatMap(([project, list]) => list.map((folder) => ({ project, folder })));
  const owners = all.filter(({ folder }) => inside === folder || inside.startsWith(`${folder}/`)).toSorted((a, b) => b.folder.length - a.folder.length);
  const below = all.filter(({ folder }) => folder.startsWith(`${inside}/`));
  return [...owners.slice(0, 1), ...below].map(({ project }) => project);
}
