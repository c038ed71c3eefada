"""A repository made by the real dvc and gto, and what they themselves say of it.

    python dvc_gto.py FOLDER

Needs dvc and gto beside the interpreter. Prints one line of JSON. It knows nothing of lastgood.
"""

import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(sys.executable).parent
PLACE = pathlib.Path(sys.argv[1])
ENV = dict(
    os.environ,
    PATH=f"{HERE}{os.pathsep}{os.environ['PATH']}",
    HOME=str(PLACE.parent),
    DVC_NO_ANALYTICS="1",
    GIT_CONFIG_GLOBAL=os.devnull,
    GIT_AUTHOR_NAME="Ada",
    GIT_AUTHOR_EMAIL="ada@example.org",
    GIT_COMMITTER_NAME="Ada",
    GIT_COMMITTER_EMAIL="ada@example.org",
)

TRAIN = """
import json
lr = next(float(line.split("=")[1]) for line in open("params.toml") if line.startswith("lr"))
rows = open("data.csv").read().splitlines()
open("model.bin", "w").write(f"{len(rows)} {lr}")
open("metrics.toml", "w").write(f"auc = {0.5 + lr}\\n[train]\\nloss = {lr}\\n")
json.dump({"rows": len(rows)}, open("eval.json", "w"))
"""

STAGES = """
stages:
  train:
    cmd: python train.py
    deps: [data.csv, train.py]
    params:
      - params.toml: [train.lr]
      - depth
    outs: [model.bin]
    metrics:
      - metrics.toml: {cache: false}
      - eval.json: {cache: false}
artifacts:
  scorer:
    path: model.bin
    type: model
"""


def run(*words):
    done = subprocess.run(words, cwd=PLACE, env=ENV, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{words}: {done.stdout}{done.stderr}")
    return done.stdout


def said(*words):
    return json.loads(run(*words) or "null")


def state(revision):
    outs = {row["path"]: row["md5"] for row in said("dvc", "list", ".", "--rev", revision, "--size", "--json") if row["isout"]}
    return {"outs": outs}


PLACE.mkdir(parents=True)
run("git", "init", "-q", "-b", "main", ".")
run("git", "remote", "add", "origin", "https://github.com/acme/real.git")
run("dvc", "init", "-q")
(PLACE / "train.py").write_text(TRAIN)
(PLACE / "dvc.yaml").write_text(STAGES)
(PLACE / "params.yaml").write_text("depth: 4\n")
commits = []
for lr, rows in [("0.01", "a,b\n1,2\n"), ("0.05", "a,b\n1,2\n3,4\n"), ("0.25", "a,b\n1,2\n3,4\n")]:
    (PLACE / "params.toml").write_text(f"[train]\nlr = {lr}\n")
    (PLACE / "data.csv").write_text(rows)
    run("dvc", "add", "-q", "data.csv")
    run("dvc", "repro", "-q")
    run("git", "add", "-A")
    run("git", "commit", "-qm", f"Train with {lr}")
    commits.append(run("git", "rev-parse", "HEAD").strip())
for version, commit in zip(["v1.0.0", "v1.1.0", "v1.2.0"], commits):
    run("gto", "register", "scorer", commit, "--version", version)
run("gto", "assign", "scorer", "--version", "v1.0.0", "--stage", "prod")
run("gto", "assign", "scorer", "--version", "v1.1.0", "--stage", "prod")
run("gto", "assign", "scorer", "--version", "v1.1.0", "--stage", "dev")
run("gto", "deprecate", "scorer", "v1.1.0", "dev", "--simple", "false")
run("gto", "deprecate", "scorer", "v1.0.0", "--simple", "false")
everything = said("dvc", "metrics", "show", "--all-commits", "--json")
print(
    json.dumps(
        {
            "commits": commits,
            "states": [state(commit) for commit in commits],
            "metrics": {commit: everything[commit]["data"] for commit in commits if commit in everything},
            "head": said("dvc", "metrics", "show", "--json")[""]["data"],
            "params": [
                said("dvc", "params", "diff", one, other, "--all", "--json")
                for one, other in zip(commits, commits[1:])
            ],
            "show": said("gto", "show", "--json"),
            "history": said("gto", "history", "--json"),
        }
    )
)
