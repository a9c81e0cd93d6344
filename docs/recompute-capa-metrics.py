#!/usr/bin/env python3
"""Recomputes the figures over CAPAs from the records themselves, without anything of the product.

    recompute-capa-metrics.py http://oversight.example TOKEN 'from=2026-01-01&to=2026-07-01&zone=Europe/Zurich'
    recompute-capa-metrics.py --saved FOLDER

Reads the figures (GET /api/v1/capas/metrics?...), every source of each of them, and each CAPA that is a source
(GET /api/v1/capas/ID), then makes each figure again by docs/capa-metrics.md. For every figure it checks that each
source belongs where it stands, that no CAPA of the scope was forgotten (GET /api/v1/capas lists them), and that
numbers and value follow. Prints a line a figure; exit code 0 when all agree, 1 when one does not, 2 when something
could not be read.

Python 3.8 or later, standard library only. FOLDER holds metrics.json, sources.json (an object: path of a figure's
sources with &of=numerator or &of=denominator added -> list of sources) and capas/ID.json; --save FOLDER after the
query writes it. Instants are compared as text: they are all UTC with milliseconds.
"""
import json
import math
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime

DAY_MS = 86400000
STAGES = ["response", "root-cause", "plan", "corrective", "preventive", "verification", "assessment", "closure"]
BUCKETS = {"0-30": (0, 30), "31-60": (31, 60), "61-90": (61, 90), "over-90": (91, None)}
ORDER = ["draft", "triage", "containment", "investigation", "plan_review", "plan_approved", "implementation",
         "implementation_verified", "monitoring", "effectiveness_check", "closure_review", "closed"]
KNOWN_VERSION = 1


# ---- reading ----------------------------------------------------------------

class Api:
    def __init__(self, base, token):
        self.base, self.token, self.sources, self.capas = base.rstrip("/"), token, {}, {}

    def get(self, path):
        request = urllib.request.Request(self.base + path, headers={"Authorization": "Bearer " + self.token})
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise SystemExit2("%s answers %d: %s" % (path, error.code, error.read().decode()[:500]))
                time.sleep(float(error.headers.get("Retry-After") or 1))

    def metrics(self, query):
        return self.get("/api/v1/capas/metrics" + ("?" + query if query else ""))

    def all_sources(self, path):
        items, cursor = [], None
        while True:
            page = self.get(path + "&limit=200" + ("&cursor=" + cursor if cursor else ""))
            items, cursor = items + page["items"], page["next"]
            if not cursor:
                self.sources[path] = items
                return items

    def all_capas(self, identities):
        """Sources by their own address; whatever else the caller may see from the list."""
        cursor = None
        while True:
            page = self.get("/api/v1/capas?limit=200" + ("&cursor=" + cursor if cursor else ""))
            self.capas.update({capa["id"]: capa for capa in page["items"]})
            cursor = page["next"]
            if not cursor:
                break
        self.capas.update({identity: self.get("/api/v1/capas/" + identity) for identity in identities})
        return self.capas


class Saved:
    def __init__(self, folder):
        self.folder = folder
        self.sources = self.read("sources.json")

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return json.load(file)

    def metrics(self, _query):
        return self.read("metrics.json")

    def all_sources(self, path):
        return self.sources[path]

    def all_capas(self, identities):
        names = sorted(set(os.listdir(os.path.join(self.folder, "capas"))) | {identity + ".json" for identity in identities})
        return {name[:-len(".json")]: self.read(os.path.join("capas", name)) for name in names}


class SystemExit2(Exception):
    pass


def save(api, metrics, folder):
    os.makedirs(os.path.join(folder, "capas"), exist_ok=True)
    for name, content in [("metrics.json", metrics), ("sources.json", api.sources)] + [(os.path.join("capas", key + ".json"), capa) for key, capa in api.capas.items()]:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(content, file)


# ---- what a CAPA says -------------------------------------------------------

def ms(instant):
    moment = datetime.strptime(instant.replace("Z", "+0000"), "%Y-%m-%dT%H:%M:%S.%f%z")
    return round(moment.timestamp() * 1000)


def rounds(capa):
    """Past iterations and the present one: (number, actions, plan, result, outcome or None)."""
    now = capa["correctiveActions"] + capa["preventiveActions"]
    past = [(p["no"], p["actions"], p["plan"], p["result"], p["outcome"], p["endedAt"]) for p in capa["past"]]
    return past + [(capa["iteration"], now, capa["plan"], capa["result"], None, None)]


def ends(capa, number, stage):
    return sorted(s["endedAt"] for s in capa["stages"] if s["name"] == stage and s["iteration"] == number and s["endedAt"])


def was_before(capa, number, status):
    """Whether this iteration reached `status` under the eyes of the product."""
    return number > 1 or not capa.get("imported") or ORDER.index(capa["imported"]["status"]) < ORDER.index(status)


def closings(capa):
    """(iteration, closed at, opened again at or None)."""
    found = []
    for number, _actions, _plan, _result, outcome, ended in rounds(capa):
        if outcome == "recurred" and ends(capa, number, "closure"):
            found.append((number, ends(capa, number, "closure")[0], ended))
    if capa["closedAt"]:
        found.append((capa["iteration"], capa["closedAt"], None))
    return found


def is_open(capa, at):
    if not capa["openedAt"] < at:
        return False
    proposal = {"rejected": "rejection", "cancelled": "cancellation"}.get(capa["status"])
    decided = capa["proposals"][proposal]["decided"] if proposal and capa["proposals"][proposal] else None
    if decided and decided["at"] < at:
        return False
    return not any(closed < at and not (reopened and reopened < at) for _n, closed, reopened in closings(capa))


def assessments(capa):
    """(iteration, number, signed at, outcome)."""
    found = []
    for number, _actions, _plan, result, outcome, _ended in rounds(capa):
        signed = ends(capa, number, "assessment")
        if not was_before(capa, number, "closure_review"):
            continue
        for index, at in enumerate(signed):
            is_last = index == len(signed) - 1
            unsigned_since = outcome is None and len(signed) <= capa["monitoringExtended"]
            found.append((number, index + 1, at, result["outcome"] if is_last and not unsigned_since else "inconclusive"))
    return found


def first(values):
    return values[0] if values else None


def owed(capa):
    """Every stage and action with a date: name, iteration, since, original due, due, done."""
    found = [("stage/" + s["name"], s["iteration"], s["from"], s["originalDue"], s["due"], s["endedAt"]) for s in capa["stages"]]
    for number, actions, _plan, _result, _outcome, _ended in rounds(capa):
        since = first(ends(capa, number, "plan")) or (capa["openedAt"] if capa.get("imported") else None)
        if since:
            found += [("action/" + a["id"], number, since, a["originalDue"], a["due"], a["reported"]["at"] if a["reported"] else None) for a in actions]
    return found


def on_time(capa, number, closed, original):
    for _name, iteration, _since, first_due, due, done in owed(capa):
        limit = first_due if original else due
        if iteration <= number and limit and (done or closed) > limit:
            return False
    return True


def overdue(capa, at, original):
    for name, iteration, since, first_due, due, done in owed(capa):
        limit = first_due
        if not original:
            grants = [e for e in capa["extensions"] if e["status"] == "granted" and e["deadline"] == name and e["iteration"] == iteration
                      and e["decided"]["at"] >= since and (not done or e["decided"]["at"] <= done)]
            before = [e["to"] for e in grants if e["decided"]["at"] < at]
            limit = before[-1] if before else (first_due if grants else due)
        if since < at and not (done and done < at) and limit and limit < at:
            return True
    return False


def extended(capa, at):
    here = any(e["status"] == "granted" and e["decided"]["at"] < at for e in capa["extensions"])
    return here or any(e["count"] > 0 for e in (capa.get("imported") or {}).get("extensions", []))


# ---- what each figure counts ------------------------------------------------

def counted(name, capa, period):
    """Parts of one CAPA that a figure counts: {part: (in the numerator?, value in ms or None)}."""
    start, until, as_of = period
    within = lambda at: at is not None and start <= at < until
    closed = [c for c in closings(capa) if within(c[1])]
    if name == "closure_rate":
        return {"opening": (False, None)} if within(capa["openedAt"]) else {}
    if name in ("on_time_original", "on_time_current"):
        known = was_before(capa, 1, "investigation")
        return {"closing/%d" % n: (on_time(capa, n, at, name == "on_time_original"), None) for n, at, _r in closed} if known else {}
    if name in ("overdue_original", "overdue_current"):
        return {"open": (overdue(capa, until, name == "overdue_original"), None)} if is_open(capa, until) else {}
    if name == "cycle_time":
        return {"closing/%d" % n: (False, ms(at) - ms(capa["openedAt"])) for n, at, _r in closed}
    if name.startswith("stage_time."):
        stage, found = name[len("stage_time."):], {}
        for s in capa["stages"]:
            if s["name"] == stage and within(s["endedAt"]):
                empty = stage in ("corrective", "preventive") and not any(a["kind"] == stage for n, actions, *_rest in rounds(capa) if n == s["iteration"] for a in actions)
                if not empty:
                    found["stage/%s/%d/%s" % (stage, s["iteration"], s["from"])] = (False, ms(s["endedAt"]) - ms(s["from"]))
        return found
    if name == "recurrence_rate":
        return {"closing/%d" % n: (reopened is not None and reopened < as_of, None) for n, _at, reopened in closed}
    if name in ("effectiveness", "inconclusive_rate"):
        wanted = "effective" if name == "effectiveness" else "inconclusive"
        return {"assessment/%d/%d" % (n, k): (outcome == wanted, None) for n, k, at, outcome in assessments(capa)
                if within(at) and (name == "inconclusive_rate" or outcome != "inconclusive")}
    if name == "extension_rate":
        return {"open or closed": (extended(capa, until), None)} if closed or is_open(capa, until) else {}
    if name == "first_pass_rca":
        found = {}
        for number, *_rest in rounds(capa):
            if was_before(capa, number, "plan_review") and within(first(ends(capa, number, "root-cause"))):
                approved = first(ends(capa, number, "plan"))
                returned = first(sorted(r["by"]["at"] for r in capa["returns"] if r["what"] == "plan" and r["iteration"] == number and (not approved or r["by"]["at"] < approved)))
                is_returned, is_approved = bool(returned and returned < until), bool(approved and approved < until)
                if is_returned or is_approved:
                    found["investigation/%d" % number] = (not is_returned, None)
        return found
    if name.startswith("ageing."):
        low, high = BUCKETS[name[len("ageing."):]]
        days = (ms(until) - ms(capa["openedAt"])) // DAY_MS
        return {"open": (days >= low and (high is None or days <= high), None)} if is_open(capa, until) else {}
    if name == "system_level_actions":
        return {"action/%d/%s" % (n, a["id"]): (a.get("level") == "system", None)
                for n, _actions, plan, *_rest in rounds(capa) if within(first(ends(capa, n, "plan"))) for a in (plan or {"actions": []})["actions"]}
    raise SystemExit2("this script knows no figure %s" % name)


def is_asked_for(capa, scope, until):
    """Whether a CAPA is of the scope that the answer states. Drafts are in no figure."""
    parties = (capa["raisingOrganisationId"], capa["accountableOrganisationId"])
    return (capa["status"] != "draft" and capa["openedAt"] < until and all(party in parties for party in scope["organisationIds"])
            and scope["studyId"] in (None, capa["studyId"]) and scope["severity"] in (None, capa["severity"]))


def recompute(metric, sources, capas, period):
    """Differences between a figure and what the records say; an empty list where they agree."""
    name, wrong = metric["name"], []
    if metric["formula"]["version"] != KNOWN_VERSION:
        return ["formula version %s: this script knows %d" % (metric["formula"]["version"], KNOWN_VERSION)]
    expected = {(identity, part): value for identity, capa in capas.items() for part, value in counted(name, capa, period).items()}
    if name == "closure_rate":
        top = {(identity, "closing/%d" % n) for identity, capa in capas.items() for n, at, _r in closings(capa) if period[0] <= at < period[1]}
    else:
        top = {key for key, value in expected.items() if value[0]}
    below = {(s["capaId"], s["part"]): s.get("ms") for s in sources["denominator"]}
    above = {(s["capaId"], s["part"]) for s in sources["numerator"]}
    for label, stated, own in (("denominator", set(below), set(expected)), ("numerator", above, top if metric["unit"] == "ratio" else set())):
        wrong += ["%s counts %s %s, the record does not say so" % (label, *key) for key in sorted(stated - own)]
        wrong += ["%s forgets %s %s" % (label, *key) for key in sorted(own - stated)]
    wrong += ["%s %s lasted %d ms, not %s" % (*key, expected[key][1], below[key]) for key in sorted(set(below) & set(expected)) if metric["unit"] == "ms" and expected[key][1] != below[key]]
    if metric["unit"] == "ms":
        lasted = sorted(value[1] for value in expected.values())
        value, numerator = (lasted[math.ceil(len(lasted) / 2) - 1] if lasted else None), None
    else:
        value, numerator = (len(top) / len(expected) if expected else None), len(top)
    for label, stated, own in (("numerator", metric["numerator"], numerator), ("denominator", metric["denominator"], len(expected))):
        if stated != own:
            wrong.append("%s is %s, from the records %s" % (label, stated, own))
    if (metric["value"] is None) != (value is None) or (value is not None and not math.isclose(metric["value"], value, rel_tol=1e-12)):
        wrong.append("value is %s, from the records %s" % (metric["value"], value))
    target = metric.get("target")
    if target and target["met"] != (None if value is None else value > target["above"]):
        wrong.append("target is said to be met: %s" % target["met"])
    return wrong


def main(arguments):
    folder = None
    if "--save" in arguments:
        at = arguments.index("--save")
        folder = arguments[at + 1]
        arguments = arguments[:at] + arguments[at + 2:]
    if len(arguments) == 2 and arguments[0] == "--saved":
        reader, query = Saved(arguments[1]), ""
    elif len(arguments) in (2, 3):
        reader, query = Api(arguments[0], arguments[1]), arguments[2] if len(arguments) == 3 else ""
    else:
        raise SystemExit2(__doc__)
    answer = reader.metrics(query)
    period = (answer["from"], answer["stateAt"], answer["asOf"])
    if answer["stateAt"] != min(answer["to"], answer["asOf"]):
        raise SystemExit2("stateAt is neither the end of the period nor the instant of reading")
    groups = []
    for group in answer["groups"]:
        groups.append((group["classification"], [(metric, {of: [] if of == "numerator" and metric["unit"] == "ms" else reader.all_sources(metric["sources"]["path"] + "&of=" + of) for of in ("numerator", "denominator")}) for metric in group["metrics"]]))
    identities = sorted({s["capaId"] for _name, metrics in groups for _metric, sources in metrics for of in sources.values() for s in of})
    seen = reader.all_capas(identities)
    capas = {identity: capa for identity, capa in seen.items() if is_asked_for(capa, answer["scope"], answer["to"])}
    if folder:
        save(reader, answer, folder)
    disagreeing = 0
    for classification, metrics in groups:
        own = {identity: capa for identity, capa in capas.items() if classification in ("all", capa["classification"])}
        for metric, sources in metrics:
            wrong = recompute(metric, sources, own, period)
            value = "nothing counted" if metric["value"] is None else "%s / %s = %s" % (metric["numerator"], metric["denominator"], metric["value"]) if metric["unit"] == "ratio" else "%s ms of %d" % (metric["value"], metric["denominator"])
            print("%-9s %-10s %-26s %s" % ("agrees" if not wrong else "DISAGREES", classification, metric["name"], value))
            for line in wrong[:20]:
                print("          " + line)
            disagreeing += bool(wrong)
    total = sum(len(metrics) for _name, metrics in groups)
    print("%d of %d figures agree with %d records." % (total - disagreeing, total, len(capas)))
    return 1 if disagreeing else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (SystemExit2, OSError, KeyError, ValueError) as error:
        print(error if not isinstance(error, KeyError) else "a field is missing: %s" % error, file=sys.stderr)
        sys.exit(2)
