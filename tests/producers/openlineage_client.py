"""Emits one run's START, RUNNING and COMPLETE with OpenLineage's own Python client over one of its transports:
openlineage_client.py TRANSPORT URL TOKEN FOLDER. What the file transport writes is FOLDER/events.json. It judges
nothing."""

import datetime
import pathlib
import sys
import uuid

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState

transport, url, token, folder = sys.argv[1:]
http = {"type": "http", "url": url, "compression": "gzip", "auth": {"type": "api_key", "apiKey": token}}
file = {"type": "file", "log_file_path": str(pathlib.Path(folder) / "events.json"), "append": True}
configs = {
    "http": http,
    "async_http": {**http, "type": "async_http"},
    "composite": {"type": "composite", "continue_on_failure": False, "transports": [http, file]},
    "transform": {
        "type": "transform",
        "transport": http,
        "transformer_class": "openlineage.client.transport.transform.transformers.job_namespace_replace_transformer."
                             "JobNamespaceReplaceTransformer",
        "transformer_properties": {"new_job_namespace": "replaced"},
    },
    "file": file,
}
client = OpenLineageClient(config={"transport": configs[transport]})
run = Run(runId=str(uuid.uuid5(uuid.NAMESPACE_URL, f"lastgood/{transport}")))
job = Job(namespace="receiver", name=f"load_{transport}")
at = datetime.datetime(2026, 11, 18, 9, 0, tzinfo=datetime.timezone.utc)
for minute, state in enumerate([RunState.START, RunState.RUNNING, RunState.COMPLETE]):
    client.emit(RunEvent(
        eventType=state,
        eventTime=(at + datetime.timedelta(minutes=minute)).isoformat(),
        run=run,
        job=job,
        inputs=[InputDataset(namespace="lake", name="raw/loans")],
        outputs=[OutputDataset(namespace="lake", name=f"features/{transport}")],
        producer="https://example.test/pipeline",
    ))
client.close()
