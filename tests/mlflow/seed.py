"""Fills a new MLflow store with one of everything that lastgood reads, through MLflow's own client, and prints the ids.

usage: seed.py URI    (sqlite:///… or a folder). What a version of MLflow does not have is left out.
"""

import json
import logging
import os
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", GIT_PYTHON_REFRESH="quiet", MLFLOW_ENABLE_ASYNC_TRACE_LOGGING="false")

import mlflow  # noqa: E402
import pandas  # noqa: E402
from mlflow import MlflowClient  # noqa: E402

for name in ("mlflow", "alembic"):
    logging.getLogger(name).setLevel(logging.ERROR)
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
three = int(mlflow.__version__.split(".")[0]) >= 3
told = {"version": mlflow.__version__}

experiment = client.create_experiment("fraud", tags={"owner": "team:risk-ml"})
commit = "0123456789abcdef0123456789abcdef01234567"
parent = client.create_run(experiment, run_name="sweep", tags={"mlflow.user": "ada"})
run = client.create_run(
    experiment,
    run_name="train",
    tags={
        "mlflow.user": "ada",
        "mlflow.parentRunId": parent.info.run_id,
        "mlflow.source.name": "train.py",
        "mlflow.source.git.commit": commit,
        "mlflow.source.git.repoURL": "https://git.example.test/risk/trainer.git",
    },
)
told.update(parent=parent.info.run_id, run=run.info.run_id)
client.log_param(run.info.run_id, "max_depth", "9")
for step, value in enumerate([0.7, 0.4, 0.2]):
    client.log_metric(run.info.run_id, "loss", value, step=step)
table = pandas.DataFrame({"income": [1.0, 2.0], "target": [0, 1]})
with mlflow.start_run(run_id=run.info.run_id):
    mlflow.log_input(mlflow.data.from_pandas(table, source="s3://lake/loans.csv", name="loans"), context="training")
told["digest"] = client.get_run(run.info.run_id).inputs.dataset_inputs[0].dataset.digest
gone = client.create_run(experiment, run_name="scratch")
client.delete_run(gone.info.run_id)
told["gone"] = gone.info.run_id

source = f"runs:/{run.info.run_id}/model"
if three:
    from mlflow.entities import LoggedModelInput, LoggedModelOutput

    mlflow.set_experiment("fraud")
    base = client.create_logged_model(experiment, name="encoder")
    model = client.create_logged_model(experiment, name="scorer", source_run_id=run.info.run_id, params={"arch": "forest"})
    client.log_inputs(run.info.run_id, models=[LoggedModelInput(model_id=base.model_id)])
    client.log_outputs(run.info.run_id, models=[LoggedModelOutput(model_id=model.model_id, step=0)])
    client.finalize_logged_model(model.model_id, "READY")
    client.log_metric(run.info.run_id, "auc", 0.91, model_id=model.model_id)
    source = f"models:/{model.model_id}"
    told.update(base=base.model_id, model=model.model_id)
client.create_registered_model("fraud-scorer", tags={"risk.tier": "high"}, description="scores")
client.create_model_version("fraud-scorer", "s3://models.example.test/fraud/1", description="from elsewhere")
if three:
    mlflow.register_model(source, "fraud-scorer", tags={"team": "risk"})
else:
    client.create_model_version("fraud-scorer", source, run_id=run.info.run_id, tags={"team": "risk"})
client.create_model_version("fraud-scorer", "s3://models.example.test/fraud/3")
client.delete_model_version("fraud-scorer", "3")
client.set_registered_model_alias("fraud-scorer", "champion", "2")
client.set_model_version_tag("fraud-scorer", "2", "approval.status", "approved")
client.set_model_version_tag("fraud-scorer", "2", "approval.by", "d.weiss")
client.set_model_version_tag("fraud-scorer", "2", "approval.at", "2026-11-18T10:00:00+00:00")

if three:
    from mlflow.entities import AssessmentSource

    mlflow.genai.register_prompt("triage", "Classify: {{ticket}}", commit_message="first")
    told["prompt"] = 1

    @mlflow.trace(span_type="TOOL")
    def lookup(account):
        return {"tier": "gold"}

    @mlflow.trace(span_type="AGENT", name="desk")
    def handle(ticket):
        mlflow.update_current_trace(metadata={"mlflow.trace.user": "u-7"})
        return lookup("A-1")

    handle("my card was charged twice")
    trace = mlflow.get_last_active_trace_id()
    told["trace"] = trace
    mlflow.log_feedback(trace_id=trace, name="correct", value=False, rationale="no", source=AssessmentSource("HUMAN", "p.novak"))
    mlflow.log_expectation(trace_id=trace, name="queue", value="fraud", source=AssessmentSource("HUMAN", "p.novak"))
print(json.dumps(told))
