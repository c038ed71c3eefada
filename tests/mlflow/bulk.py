"""Fills a new SQLite store of MLflow 3 with many runs, straight into its tables: the client would take minutes.

usage: bulk.py DATABASE RUNS    Each run has 10 metrics, 8 params, 6 tags and a dataset; every sixth has a model version.
"""

import hashlib
import json
import logging
import os
import sqlite3
import sys

os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", GIT_PYTHON_REFRESH="quiet")
for name in ("mlflow", "alembic"):
    logging.getLogger(name).setLevel(logging.ERROR)

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: E402

database, count = sys.argv[1], int(sys.argv[2])
# MLflow makes its tables itself, so that they are those of this version.
SqlAlchemyStore(f"sqlite:///{database}", "mlflow-artifacts:/")
start = 1_763_460_000_000


def digest(text):
    return hashlib.md5(text.encode()).hexdigest()


rows = {table: [] for table in ("runs", "metrics", "latest_metrics", "params", "tags", "inputs", "input_tags")}
versions = []
for n in range(count):
    run, at, experiment = digest(f"run {n}"), start + n * 60_000, 1 + n % 3
    rows["runs"].append((run, f"train-{n}", "LOCAL", "train.py", "", "ada", "FINISHED", at, at + 40_000, "", "active",
                         f"mlflow-artifacts:/{experiment}/{run}/artifacts", experiment, None))
    for m in range(10):
        value = int(digest(f"{run} {m}")[:6], 16) / 0xFFFFFF
        rows["metrics"].append((f"metric_{m}", value, at, run, 0, 0))
        rows["latest_metrics"].append((f"metric_{m}", value, at, 0, 0, run))
    rows["params"] += [(f"param_{m}", str(int(digest(f"{run} p{m}")[:4], 16)), run) for m in range(8)]
    tags = {"mlflow.user": "ada", "mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL",
            "mlflow.source.git.commit": hashlib.sha1(str(n // 10).encode()).hexdigest(),
            "team": f"team-{n % 7}", "mlflow.runName": f"train-{n}"}
    rows["tags"] += [(key, value, run) for key, value in tags.items()]
    uuid = digest(f"input {n}")
    rows["inputs"].append((uuid, "DATASET", digest(f"dataset {n % 20} {experiment}"), "RUN", run, 0))
    rows["input_tags"].append((uuid, "mlflow.data.context", "training"))
    if n % 6 == 0:
        versions.append((f"model-{len(versions) % 10}", len(versions) // 10 + 1, at, at, None, "ada", "None",
                         f"s3://models.example.test/{run}", run, "READY", None, None, None, "default"))
store = sqlite3.connect(database)
for experiment in range(1, 4):
    store.execute("INSERT INTO experiments VALUES (?, ?, ?, 'active', ?, ?, 'default')",
                  (experiment, f"experiment-{experiment}", f"mlflow-artifacts:/{experiment}", start, start))
    for n in range(20):
        source = json.dumps({"uri": f"s3://lake/table-{n}.parquet"})
        store.execute("INSERT INTO datasets VALUES (?, ?, ?, ?, 's3', ?, ?, ?)",
                      (digest(f"dataset {n} {experiment}"), experiment, f"table-{n}", digest(f"d{n}")[:8], source,
                       json.dumps({"mlflow_colspec": [{"type": "double", "name": f"c{c}"} for c in range(8)]}),
                       json.dumps({"num_rows": 1000 + n})))
for table, of in rows.items():
    store.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(of[0]))})", of)
store.executemany("INSERT INTO registered_models VALUES (?, ?, ?, NULL, 'default')",
                  sorted({(version[0], start, start) for version in versions}))
store.executemany("INSERT INTO model_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", versions)
store.commit()
print(json.dumps({"runs": count, "versions": len(versions)}))
