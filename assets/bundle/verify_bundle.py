#!/usr/bin/env python3
"""Verifies a bundle of a lastgood ledger with nothing but Python (3.9 or later) and the openssl program (3.0 or later).

    python3 verify_bundle.py BUNDLE --key KEY [--origin NAME] [--anchor FILE]... [--require-anchor] [--json]
    python3 verify_bundle.py BUNDLE --record N     print the content of one record, byte for byte

KEY is the log's verifier key, or a file with it; FILE is a checkpoint of the log that you, or somebody you trust, kept.
Have both from somebody other than whoever gave you the bundle: nothing in a bundle says whom to trust.

Made from RFC 6962 (section 2.1), the C2SP texts signed-note and tlog-checkpoint, and BUNDLE.md beside this file. It
checks records, not claims: what was concluded from a record is for its reader to judge, and for `lastgood verify`.

Exit code: 0 anchored or unanchored, 4 anything else (also unanchored with --require-anchor), 2 wrong usage.
"""

import argparse
import base64
import binascii
import hashlib
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unicodedata

FORM = "lastgood-bundle/1"
REDACTION = "lastgood-redaction"
MOST = 2**63 - 1


class Wrong(Exception):
    """Something in the bundle does not fit."""


def sha256(*pieces):
    hash = hashlib.sha256()
    for piece in pieces:
        hash.update(piece)
    return hash.digest()


def from_base64(text):
    """RFC 4648, section 4, in the one way it can be written."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise Wrong("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Wrong("not base64 as it has to be written")
    return data


# Ed25519 by openssl: the key as a SubjectPublicKeyInfo of RFC 8410.
def ed25519(public, text, signature):
    if len(signature) != 64:
        return False
    with tempfile.TemporaryDirectory() as folder:
        spki = bytes.fromhex("302a300506032b6570032100") + public
        for file, data in (("key", spki), ("text", text), ("signature", signature)):
            pathlib.Path(folder, file).write_bytes(data)
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "key",
                   "-in", "text", "-sigfile", "signature"]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


class Key:
    """A verifier key of signed-note: NAME+ID+BASE64(01 || 32 bytes)."""

    def __init__(self, text):
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Wrong("a key has three parts")
        self.name, stated, encoded = parts
        data = from_base64(encoded)
        if len(data) != 33 or data[0] != 1:
            raise Wrong("it is not an Ed25519 key")
        if not self.name or any(c.isspace() or unicodedata.category(c) == "Cc" for c in self.name):
            raise Wrong("its name cannot stand in a note")
        self.public = data[1:]
        self.id = sha256(self.name.encode(), b"\n", data)[:4]
        if self.id.hex() != stated:
            raise Wrong("its id does not belong to its key")

    def signed(self, text, signature):
        return ed25519(self.public, text, signature)


# signed-note and tlog-checkpoint: three lines, an empty one, signatures.
def open_note(note, key):
    """(origin, size, root) of a checkpoint; with a key, only of one that the key signed for the log of its name."""
    if len(note.encode()) > 16 * 1024:
        raise Wrong("the note is too long")
    if any(unicodedata.category(c) == "Cc" and c != "\n" for c in note):
        raise Wrong("the note holds a control character")
    body, gap, rest = note.partition("\n\n")
    lines = body.split("\n")
    if not gap or len(lines) != 3 or not lines[0]:
        raise Wrong("the text of the note has not exactly three lines")
    origin, size, root = lines
    if not re.fullmatch("0|[1-9][0-9]*", size, re.ASCII) or len(size) > 19 or int(size) > MOST:
        raise Wrong("the size is not a plain number")
    root = from_base64(root)
    if len(root) != 32:
        raise Wrong("the root has not 32 bytes")
    if not rest.endswith("\n"):
        raise Wrong("the last line of the note has no end")
    signatures = rest[:-1].split("\n")
    if len(signatures) > 16:
        raise Wrong("too many signatures")
    found = []
    for line in signatures:
        if not line.startswith("\u2014 "):
            raise Wrong("a signature does not start with a dash")
        name, gap, encoded = line[2:].partition(" ")
        if not gap or not name or "+" in name or any(c.isspace() for c in name):
            raise Wrong("a signature has no key name")
        data = from_base64(encoded)
        if len(data) < 5:
            raise Wrong("a signature is too short")
        found.append((name, data[:4], data[4:]))
    if key:
        if origin != key.name:
            raise Wrong(f"a checkpoint of {origin}, not of {key.name}")
        ours = [signature for name, id, signature in found if (name, id) == (key.name, key.id)]
        if len(ours) != 1:
            raise Wrong("a checkpoint that the key did not sign, or signed twice")
        if not key.signed((body + "\n").encode(), ours[0]):
            raise Wrong("a checkpoint with a false signature")
    return origin, int(size), root


# RFC 6962, section 2.1.
def node(left, right):
    return sha256(b"\x01", left, right)


def split(size):
    """The largest power of two below size."""
    return 1 << ((size - 1).bit_length() - 1)


def root_by_path(leaf, index, size, path):
    """The root that an audit path leads to (2.1.1)."""
    if size == 1:
        if path:
            raise Wrong("the proof is too long")
        return leaf
    if not path:
        raise Wrong("the proof is too short")
    left = split(size)
    if index < left:
        return node(root_by_path(leaf, index, left, path[:-1]), path[-1])
    return node(path[-1], root_by_path(leaf, index - left, size - left, path[:-1]))


def roots_by_proof(old, size, proof, old_root):
    """The two roots that a consistency proof leads to (2.1.2); old_root where the old tree is its own proof."""
    if old == size:
        if old_root is not None:
            if proof:
                raise Wrong("the proof is too long")
            return old_root, old_root
        if len(proof) != 1:
            raise Wrong("the proof has not the right length")
        return proof[0], proof[0]
    if not proof:
        raise Wrong("the proof is too short")
    left, last = split(size), proof[-1]
    if old <= left:
        then, now = roots_by_proof(old, left, proof[:-1], old_root)
        return then, node(now, last)
    then, now = roots_by_proof(old - left, size - left, proof[:-1], None)
    return node(last, then), node(last, now)


class Tree:
    """The root over leaves that come one after the other."""

    def __init__(self):
        self.edge = []

    def push(self, leaf):
        size = 1
        while self.edge and self.edge[-1][0] == size:
            leaf, size = node(self.edge.pop()[1], leaf), 2 * size
        self.edge.append((size, leaf))

    def root(self):
        if not self.edge:
            return sha256()
        right = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            right = node(left, right)
        return right


# The fields of each line in their order; those with a question mark may be left out.
TEXT, NUMBER, SIGNED, BYTES, HASH, HASHES = "text number signed bytes hash hashes".split()
REDACTED = {"told_in": NUMBER, "by": TEXT, "why": TEXT, "at": TEXT, "claims": NUMBER, "erased": TEXT}
LINES = {
    "bundle": {"bundle": TEXT, "origin": TEXT, "key": TEXT, "about": TEXT, "name?": TEXT, "size": NUMBER,
               "records": NUMBER, "claims": NUMBER},
    "checkpoint": {"checkpoint": TEXT},
    "history": {"history": NUMBER, "root": HASH, "proof": HASHES},
    "record": {"record": NUMBER, "source": TEXT, "format": TEXT, "importer": NUMBER, "framing": TEXT,
               "media_type": TEXT, "file": TEXT, "offset": NUMBER, "line": NUMBER, "received_at": SIGNED,
               "observed_at?": SIGNED, "commitment": HASH, "salt?": BYTES, "content?": BYTES,
               "redacted?": REDACTED, "proof?": HASHES},
    "claim": {"claim": TEXT, "statement": TEXT},
    "seal": {"seal": TEXT, "signature": BYTES},
}


def value(form, it):
    if isinstance(form, dict):
        return fields(form, it)
    if form == HASHES:
        if not isinstance(it, list):
            raise Wrong("a value is not a list")
        return [value(HASH, one) for one in it]
    if form in (NUMBER, SIGNED):
        low, high = (0, 2**64) if form == NUMBER else (-(2**63), 2**63)
        if type(it) is not int or not low <= it < high:
            raise Wrong("a value is not such a number")
        return it
    if not isinstance(it, str):
        raise Wrong("a value is not a text")
    if form == TEXT:
        return it
    data = from_base64(it)
    if form == HASH and len(data) != 32:
        raise Wrong("a hash has 32 bytes")
    return data


def fields(form, it):
    if not isinstance(it, dict):
        raise Wrong("it is not an object")
    out = {}
    for name, inner in form.items():
        plain = name.rstrip("?")
        if plain in it:
            out[plain] = value(inner, it[plain])
        elif plain == name:
            raise Wrong(f"it has no {name}")
    if set(out) != set(it):
        raise Wrong("it has a field that does not belong there")
    return out


def written(it):
    return json.dumps(it, ensure_ascii=False, separators=(",", ":")).encode()


def read_line(line):
    """(kind, fields) of a line, which must be written in the one way there is."""
    if not line.endswith(b"\n"):
        raise Wrong("the line has no end")
    if len(line) > 400 << 20:
        raise Wrong("the line is too long")
    try:
        it = json.loads(line[:-1].decode("utf-8"))
        kind = next(iter(it)) if isinstance(it, dict) and it else None
        if kind not in LINES:
            raise Wrong("it is no line of a bundle")
        out = fields(LINES[kind], it)
        ordered = {name: it[name] for name in out}
        if "redacted" in ordered:
            ordered["redacted"] = {name: it["redacted"][name] for name in REDACTED}
        if written(ordered) != line[:-1]:
            raise Wrong("it is not written as this line is written")
    except (ValueError, RecursionError):
        raise Wrong("it is not a line of JSON") from None
    return kind, out


def leaf(it):
    number = lambda n: struct.pack(">Q", n)
    time = lambda n: struct.pack(">q", n)
    parts = [(0, b"\x01"), (1, number(it["record"])), (2, it["source"].encode()), (3, it["format"].encode()),
             (4, number(it["importer"])), (5, it["framing"].encode()), (6, it["media_type"].encode()),
             (7, it["file"].encode()), (8, number(it["offset"])), (9, number(it["line"])),
             (10, time(it["received_at"]))]
    if "observed_at" in it:
        parts.append((11, time(it["observed_at"])))
    parts.append((12, it["commitment"]))
    return sha256(b"\x00", *(struct.pack(">BI", tag, len(data)) + data for tag, data in parts))


class Bundle:
    """Checks one bundle, a line after the other."""

    def __init__(self, key, origin):
        self.key, self.origin = key, origin
        self.place, self.digest, self.tree = "start", hashlib.sha256(), Tree()
        self.head = self.size = self.root = None
        self.roots, self.last, self.last_claim = {}, 0, None
        self.records = self.claims = 0
        self.redacted, self.untold = [], {}

    def line(self, line):
        kind, it = read_line(line)
        allowed = {"start": ["bundle"], "head": ["checkpoint"], "log": ["history", "record", "seal"],
                   "records": ["record", "claim", "seal"], "end": []}
        if kind not in allowed[self.place]:
            raise Wrong("the line does not belong here")
        getattr(self, "take_" + kind)(it)
        self.digest.update(line)
        return kind, it

    def take_bundle(self, it):
        if it["bundle"] != FORM or it["about"] not in ("ledger", "artefact", "case", "records"):
            raise Wrong("it is a bundle of another form")
        self.whole = it["about"] == "ledger"
        if self.whole == ("name" in it):
            raise Wrong("it names an artefact or a case where it is about one, and nothing else")
        self.span, self.within = None, 0
        if it["about"] == "records":
            named = re.fullmatch(r"(0|[1-9][0-9]{0,18})-(0|[1-9][0-9]{0,18})", it["name"], re.ASCII)
            self.span = tuple(map(int, named.groups())) if named else (1, 0)
            if not self.span[0] <= self.span[1] <= it["size"]:
                raise Wrong("it does not say which records it is about")
        if it["size"] > MOST or it["records"] > it["size"] or (self.whole and it["records"] != it["size"]):
            raise Wrong("its sizes are not those of a part of a log")
        if self.origin is not None and it["origin"] != self.origin:
            raise Wrong(f"this is the log {it['origin']}, not {self.origin}")
        if self.key and (it["origin"] != self.key.name or it["key"] != self.key.id.hex()):
            raise Wrong(f"this is the log {it['origin']}, signed by {it['key']}, and the key is another")
        self.head, self.place = it, "head"

    def take_checkpoint(self, it):
        origin, self.size, self.root = open_note(it["checkpoint"], self.key)
        if (origin, self.size) != (self.head["origin"], self.head["size"]):
            raise Wrong("the checkpoint is of another log or size than the first line says")
        if self.size == 0 and self.root != sha256():
            raise Wrong("the checkpoint states a root over nothing that is none")
        self.roots = {0: sha256(), self.size: self.root}
        self.earlier, self.place = 0, "log"

    def take_history(self, it):
        if not self.earlier < it["history"] < self.size:
            raise Wrong("earlier sizes are not in order")
        if roots_by_proof(it["history"], self.size, it["proof"], it["root"]) != (it["root"], self.root):
            raise Wrong(f"it does not show how the log continued from its {it['history']} records")
        self.earlier = it["history"]
        self.roots[it["history"]] = it["root"]

    def take_record(self, it):
        number = it["record"]
        if not self.last < number <= self.size or (self.whole and number != self.last + 1):
            raise Wrong("records are not in order, or the log has no such record")
        if it["importer"] >= 2**32:
            raise Wrong("a value is not such a number")
        has = {name for name in ("salt", "content", "redacted") if name in it}
        if has == {"salt", "content"}:
            if len(it["salt"]) != 16 or sha256(it["salt"], sha256(it["content"])) != it["commitment"]:
                raise Wrong("its content is not what was logged")
            told = self.untold.pop(number, None)
            if (it["format"] == REDACTION) != (told is not None) or told not in (None, it["content"]):
                raise Wrong("it does not tell of the redaction that is said to be told in it")
        elif has == {"redacted"}:
            told = it["redacted"]
            if not number < told["told_in"] <= self.size or it["format"] == REDACTION or number in self.untold:
                raise Wrong("its redaction is not told in a later record")
            if told["told_in"] in self.untold:
                raise Wrong("two redactions are said to be told in one record")
            telling = {"record": number, **told}
            del telling["told_in"]
            self.untold[told["told_in"]] = written(telling)
            self.redacted.append((number, told))
        else:
            raise Wrong("it has neither a content with its salt nor a redaction, or both")
        if self.whole == ("proof" in it):
            raise Wrong("it has a proof where all records are here, or none where they are not")
        if self.whole:
            self.tree.push(leaf(it))
        elif root_by_path(leaf(it), number - 1, self.size, it["proof"]) != self.root:
            raise Wrong("it is not in the log: its proof does not lead to the root")
        self.within += bool(self.span and self.span[0] < number <= self.span[1])
        self.last, self.last_claim, self.place = number, 0 if "content" in it else None, "records"
        self.records += 1

    def take_claim(self, it):
        found = re.fullmatch(r"([1-9][0-9]*)\.([1-9][0-9]*)", it["claim"], re.ASCII)
        if not found or len(it["claim"]) > 40 or int(found[1]) != self.last or self.last_claim is None:
            raise Wrong("a claim is not one of the record above it")
        if not self.last_claim < int(found[2]) <= MOST:
            raise Wrong("claims are not in order")
        self.last_claim = int(found[2])
        self.claims += 1

    def take_seal(self, it):
        if (self.records, self.claims) != (self.head["records"], self.head["claims"]):
            raise Wrong("it does not hold as many records and claims as its first line says")
        if self.span and self.within != self.span[1] - self.span[0]:
            raise Wrong("it does not hold all the records that it is about")
        if self.untold:
            raise Wrong(f"record {min(self.untold)} is missing: it tells of a redaction")
        if self.whole and self.tree.root() != self.root:
            raise Wrong("the records are not those that were signed")
        if it["seal"] != self.digest.hexdigest():
            raise Wrong("the seal is over something else: lines were changed, added or taken away")
        text = f"lastgood bundle\n{self.head['origin']}\n{it['seal']}\n"
        if self.key and not self.key.signed(text.encode(), it["signature"]):
            raise Wrong("the seal has a false signature")
        self.place = "end"


def verify(lines, key, origin, anchors, seen=lambda kind, it: None):
    """The verdict on the lines of a bundle, with what there is to say. anchors: (name, bytes) of kept checkpoints."""
    bundle, at = Bundle(key, origin), 0
    out = {"verdict": "failed", "why": None, "anchored_to": 0, "notes": []}
    try:
        for at, line in enumerate(lines, 1):
            seen(*bundle.line(line))
        if bundle.place != "end":
            raise Wrong("it ends without its seal")
    except Wrong as why:
        record = f" (after record {bundle.last})" if bundle.last else ""
        out["why"] = f"line {at}{record}: {why}"
        return out
    out.update(origin=bundle.head["origin"], about=bundle.head["about"], name=bundle.head.get("name"),
               size=bundle.size, root=bundle.root.hex(), records=bundle.records, claims=bundle.claims,
               redacted=[{"record": number, **told} for number, told in bundle.redacted])
    if not key:
        out.update(verdict="inconclusive", why="without a key from elsewhere, who signed it was not checked")
        return out
    behind = other = useless = False
    for name, data in anchors:
        try:
            _, size, root = open_note(data.decode("utf-8"), key)
            if size <= bundle.size and size not in bundle.roots:
                raise Wrong(f"nothing here shows how the log continued from its {size} records")
        except (Wrong, UnicodeDecodeError) as why:
            useless = True
            out["notes"].append(f"{name} is of no use: {why}")
            continue
        if size > bundle.size:
            behind = True
            out["notes"].append(f"{name} keeps a checkpoint of {size} records; {bundle.size} are here")
        elif bundle.roots[size] != root:
            other = True
            out["notes"].append(f"{name} keeps another history of the first {size} records")
        else:
            out["anchored_to"] = max(out["anchored_to"], size)
    out["verdict"] = ("diverged" if other else "rolled-back" if behind else "inconclusive" if useless
                      else "anchored" if out["anchored_to"] else "unanchored")
    return out


MEANS = {
    "anchored": "nothing up to the checkpoint kept elsewhere was altered, and what came after it fits",
    "unanchored": "everything fits together, but no checkpoint kept by somebody else says so: whoever holds the log's "
                  "key could have made it all anew",
    "rolled-back": "this is an older state than one that was kept: ask for a newer bundle",
    "diverged": "this is another history than the one that was kept",
    "failed": "the bundle was altered or is damaged, or is not of the log it is meant to be of",
    "inconclusive": "it could not be checked",
}


def shown(text):
    """Text of somebody else, such that it does nothing to a terminal."""
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in str(text))


def main():
    parser = argparse.ArgumentParser(description="Verifies a bundle of a lastgood ledger.", allow_abbrev=False)
    parser.add_argument("bundle")
    parser.add_argument("--key", help="the log's verifier key, or a file with it")
    parser.add_argument("--origin", help="the name that the log must have")
    parser.add_argument("--anchor", action="append", default=[], help="a checkpoint that somebody kept")
    parser.add_argument("--require-anchor", action="store_true", help="exit 4 unless a kept checkpoint agrees")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--record", type=int, metavar="N", help="print the content of record N, if all else fits")
    asked = parser.parse_args()
    try:
        key = None
        if asked.key:
            file = pathlib.Path(asked.key)
            text = file.read_text() if "/" in asked.key[:1] or file.is_file() else asked.key
            key = Key(text.strip())
        anchors = [(name, pathlib.Path(name).read_bytes()) for name in asked.anchor]
        wanted = []

        def seen(kind, it):
            if kind == "record" and it["record"] == asked.record:
                wanted.append(it.get("content"))

        with open(asked.bundle, "rb") as lines:
            out = verify(lines, key, asked.origin, anchors, seen)
    except Wrong as why:
        sys.exit(usage(f"--key: {why}"))
    except OSError as why:
        sys.exit(usage(f"{why}" if why.filename != "openssl" else "there is no openssl program"))
    good = out["verdict"] == "anchored" or (out["verdict"] == "unanchored" and not asked.require_anchor)
    if asked.record is not None and out["verdict"] != "failed":
        if not wanted or wanted[0] is None:
            sys.exit(usage(f"record {asked.record} is not here, or its content was erased"))
        sys.stdout.buffer.write(wanted[0])
    elif asked.json:
        print(json.dumps(out))
    else:
        print(f"{out['verdict']}  {MEANS[out['verdict']]}")
        for name in ("why", "origin", "about", "name", "size", "root", "records", "claims", "anchored_to"):
            if out.get(name) is not None:
                print(f"{name:<12} {shown(out[name])}")
        for it in out.get("redacted", []):
            print(f"erased       record {it['record']}, by {shown(it['by'])} at {shown(it['at'])}: {shown(it['why'])}")
        for note in out["notes"]:
            print(f"  - {shown(note)}")
    sys.exit(0 if good else 4)


def usage(text):
    print(f"verify_bundle.py: {shown(text)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
