"""Has MLflow's own code sign and deliver one webhook: mlflow_webhook.py URL SECRET. It judges nothing beyond the
answer's status."""

import sys

from mlflow.entities.webhook import Webhook, WebhookAction, WebhookEntity, WebhookEvent
from mlflow.webhooks.delivery import _create_webhook_session, _send_webhook_request

url, secret = sys.argv[1:]
event = WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.CREATED)
webhook = Webhook(webhook_id="1", name="lastgood", url=url, events=[event], creation_timestamp=0,
                  last_updated_timestamp=0, secret=secret)
payload = {"name": "fraud-scorer", "alias": "champion", "version": "42"}
answer = _send_webhook_request(webhook, payload, event, _create_webhook_session())
print(answer.status_code, answer.text)
sys.exit(0 if answer.status_code == 201 else 1)
