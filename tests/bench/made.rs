//! Files of the size that people have, of formats of which no real ones are at hand: an answer of MLflow's server, an
//! inventory of identities, a configuration beside weights. It measures nothing.

use std::fmt::Write as _;

/// The name of a format, and a file of it.
pub(crate) fn files() -> [(&'static str, String); 4] {
    [
        ("mlflow", runs(300)),
        ("identity-inventory", identities(2_000)),
        ("huggingface", config(1_000)),
        (
            "change",
            format!(
                "{{\"change\":{{\"format\":\"mlflow\",\"at\":\"2026-11-19T02:00:00Z\",\"after\":\"2026-11-18T02:00:00Z\"}},\"is\":{},\"was\":{}}}",
                runs(3),
                runs(2)
            ),
        ),
    ]
}

/// A page of runs as the server's search gives it.
fn runs(many: u32) -> String {
    let mut text = String::from("{\"runs\": [");
    for run in 0..many {
        let comma = if run == 0 { "" } else { "," };
        let (start, end) =
            (1_794_000_000_000_u64 + u64::from(run) * 60_000, 1_794_000_040_000 + u64::from(run) * 60_000);
        let _ = write!(
            text,
            r#"{comma}
  {{"info": {{"run_id": "{run:032x}", "run_uuid": "{run:032x}", "run_name": "able-shrew-{run}", "experiment_id": "7", "user_id": "h.moreau", "status": "FINISHED", "start_time": {start}, "end_time": {end}, "artifact_uri": "s3://models/7/{run:032x}/artifacts", "lifecycle_stage": "active"}},
   "data": {{"metrics": ["#
        );
        list(&mut text, 25, |text, n| {
            let _ = write!(text, r#"{{"key": "val_metric_{n}", "value": 0.{n}4321, "timestamp": {end}, "step": {n}}}"#);
        });
        text.push_str("], \"params\": [");
        list(&mut text, 40, |text, n| {
            let _ = write!(text, r#"{{"key": "booster.param_{n}", "value": "{}"}}"#, n * run);
        });
        text.push_str("], \"tags\": [");
        list(&mut text, 8, |text, n| {
            let _ = write!(text, r#"{{"key": "team.label_{n}", "value": "nightly {n} of the risk platform"}}"#);
        });
        let _ = write!(
            text,
            r#", {{"key": "mlflow.source.git.commit", "value": "{run:040x}"}}, {{"key": "mlflow.user", "value": "h.moreau"}}]}},
   "inputs": {{"dataset_inputs": [{{"tags": [{{"key": "mlflow.data.context", "value": "training"}}], "dataset": {{"name": "transactions", "digest": "{run:08x}", "source_type": "s3", "source": "{{\"uri\": \"s3://lake/transactions/{run}\"}}"}}}}]}}}}"#
        );
    }
    text.push_str("\n], \"next_page_token\": \"eyJvZmZzZXQiOiAzMDB9\"}");
    text
}

fn list(text: &mut String, many: u32, mut item: impl FnMut(&mut String, u32)) {
    for n in 0..many {
        if n > 0 {
            text.push_str(", ");
        }
        item(text, n);
    }
}

fn identities(many: u32) -> String {
    let mut text = String::from("{\"identities\": [\n");
    for n in 0..many {
        let comma = if n == 0 { "" } else { ",\n" };
        let _ = write!(
            text,
            r#"{comma}  {{"name": "sa/worker-{n}", "arn": "arn:aws:iam::111122223333:role/agents/Worker{n}", "owner": "team:t{}", "type": "service-account", "scopes": ["refunds:write", "ledger:read", "queue:{n}:consume"], "created": "2024-03-01T00:00:00Z", "last_rotated": "2026-06-01T00:00:00Z", "rotation_days": 90, "last_used": "2026-11-17T08:00:00Z", "environment": "prod", "secrets": ["vault/kv/worker-{n}"], "cost_centre": "C-{n}"}}"#,
            n % 40
        );
    }
    text.push_str("\n]}\n");
    text
}

/// The configuration of a classifier, with a name for each class.
fn config(classes: u32) -> String {
    let mut text = String::from(
        r#"{"_name_or_path": "quill/vit-base", "architectures": ["ViTForImageClassification"], "model_type": "vit", "hidden_size": 768, "num_attention_heads": 12, "num_hidden_layers": 12, "layer_norm_eps": 1e-12, "torch_dtype": "float32", "transformers_version": "4.51.0", "id2label": {"#,
    );
    list(&mut text, classes, |text, n| {
        let _ = write!(text, r#""{n}": "a sort of thing that is numbered {n}""#);
    });
    text.push_str("}, \"label2id\": {");
    list(&mut text, classes, |text, n| {
        let _ = write!(text, r#""a sort of thing that is numbered {n}": {n}"#);
    });
    text.push_str("}}\n");
    text
}
