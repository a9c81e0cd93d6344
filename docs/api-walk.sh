# Shell functions for the walk in README.md; to be read in with `. docs/api-walk.sh` from the project's
# folder while `npm start` runs there. They need curl and node, and the demo's accounts.

BASE=$(node -p 'require("./.data/demo-credentials.json").baseUrl')

# token EMAIL [SCOPES]: signs in as a person of the demo and makes an API token that ends tomorrow.
token() {
  node -e '
    const [email, scopes] = process.argv.slice(1);
    const { baseUrl, users } = require("./.data/demo-credentials.json");
    const { password } = users.find((user) => user.email === email);
    const post = (path, body, headers) => fetch(baseUrl + path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
    (async () => {
      const session = await post("/api/v1/sessions", { email, password });
      const { csrfToken } = await session.json();
      const cookie = session.headers.get("set-cookie").split(";")[0];
      const made = await post("/api/v1/tokens", { name: "walk", scopes: scopes.split(","), expiresInDays: 1 }, { Cookie: cookie, "X-CSRF-Token": csrfToken });
      console.log((await made.json()).secret);
    })();' "$1" "${2:-read,raise,act}"
}

# get TOKEN PATH: any resource, as JSON.
get() { curl -sS -H "Authorization: Bearer $1" "$BASE/api/v1/$2"; }

# raise TOKEN TITLE: opens an issue of the demo (ALP-101, sponsor alpine, CRO meridian); prints its id.
raise() {
  curl -sS -H "Authorization: Bearer $1" -H "Content-Type: application/json" -H "Idempotency-Key: raise-$(node -p 'Date.now()')" -d '{
    "studyId": "alp-101", "topic": "demo", "severity": "major", "title": "'"$2"'", "description": "Part of the walk.",
    "raisingOrganisationId": "alpine", "accountableOrganisationId": "meridian" }' "$BASE/api/v1/issues" | node -p 'JSON.parse(require("fs").readFileSync(0)).id'
}

# act TOKEN ISSUE ACT [BODY]: one act on an issue, each time with a key of its own.
act() {
  curl -sS -H "Authorization: Bearer $1" -H "Content-Type: application/json" -H "Idempotency-Key: $3-$(node -p 'Date.now()')" \
    -d "${4:-{\}}" "$BASE/api/v1/issues/$2/$3"
}

# show FIELD...: these fields of the JSON that comes in, or the problem that it is.
show() {
  node -e '
    const answer = JSON.parse(require("fs").readFileSync(0));
    const fields = answer.type?.startsWith("/problems/") ? ["status", "type", "detail"] : process.argv.slice(1);
    for (const field of fields) console.log(`${field}:`, JSON.stringify(answer[field]));' "$@"
}

# mails [WORD]: the demo mailbox, oldest first, one line a mail; only those whose subject has the word.
mails() {
  curl -sS "$BASE/dev/mail" | node -e '
    for (const { receivedAt, to, subject } of JSON.parse(require("fs").readFileSync(0)))
      if (subject.includes(process.argv[1] ?? "")) console.log(receivedAt.slice(11, 23), to.join(", ").padEnd(32), subject);' "$@"
}

# waiting: what comes in from /waiting, one line for each thing that is waited for.
waiting() {
  node -e '
    const { waiting } = JSON.parse(require("fs").readFileSync(0));
    for (const { for: what, until, rule, movers } of waiting) {
      console.log(`${what} until ${until}\n  by ${rule}\n  can be moved by ${movers.map((mover) => `${mover.personId ?? mover.organisationId}: ${mover.acts.join(", ")}`).join("; ")}`);
    }'
}

# deadlines: what comes in from /timeline, one line a deadline: due, what became of it, who was told, how late.
deadlines() {
  node -e '
    const time = (instant) => instant.slice(11, 23);
    for (const { name, due, outcome, endedAt, lateByMs, told, toldAt, toldLateByMs } of JSON.parse(require("fs").readFileSync(0)).deadlines) {
      const late = lateByMs === null ? "" : ` (${lateByMs} ms late)`;
      const who = toldAt === null ? "" : `, told ${told.map(({ personId }) => personId).join(", ")} ${time(toldAt)} (${toldLateByMs} ms late)`;
      console.log(`${name.padEnd(21)} due ${outcome === "fired" ? time(due) : due}  ${outcome}${endedAt === null ? "" : ` ${time(endedAt)}`}${late}${who}`);
    }'
}

# words: what comes in from /history, the first lines in words.
words() {
  node -e 'for (const { at, text } of JSON.parse(require("fs").readFileSync(0)).lines.slice(0, 8)) console.log(at.slice(11, 23), text);'
}

# anchor: takes the anchor of the day now, as the schedule daily-anchor does at 00:15 UTC.
anchor() {
  node -e '
    const { Client, Connection } = require("@temporalio/client");
    (async () => {
      const connection = await Connection.connect({ address: require("./.data/env.json").TEMPORAL_ADDRESS });
      await new Client({ connection }).schedule.getHandle("daily-anchor").trigger();
      await connection.close();
    })();'
}

# receipts FOLDER: saves the receipts that the demo mailbox got.
receipts() {
  mkdir -p "$1" && curl -sS "$BASE/dev/mail" | node -e '
    const { writeFileSync } = require("fs");
    for (const { attachments } of JSON.parse(require("fs").readFileSync(0)))
      for (const { filename, content } of attachments) {
        writeFileSync(`${process.argv[1]}/${filename}`, content);
        console.log(`${process.argv[1]}/${filename}`);
      }' "$1"
}
