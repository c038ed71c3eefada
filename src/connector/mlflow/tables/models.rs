//! The tables of models: those that runs logged, those that were registered, and their versions. Prompts are
//! among the registered ones.

use super::{Fold, KEY_VALUE, List, Unit, col, pairs};

pub(super) const LOGGED_MODELS: Unit = Unit {
    word: "model",
    table: "logged_models",
    key: &["model_id"],
    fields: &[
        col("u.model_id", "info/model_id"),
        col("u.experiment_id", "info/experiment_id"),
        col("u.name", "info/name"),
        col("u.artifact_location", "info/artifact_uri"),
        col("u.creation_timestamp_ms", "info/creation_timestamp_ms"),
        col("u.last_updated_timestamp_ms", "info/last_updated_timestamp_ms"),
        col("u.status", "info/status"),
        col("u.status_message", "info/status_message"),
        col("u.lifecycle_stage", "info/lifecycle_stage"),
        col("u.model_type", "info/model_type"),
        col("u.source_run_id", "info/source_run_id"),
    ],
    lists: &[
        pairs(
            "info/tags",
            &[("t", "logged_model_tags", "")],
            &["t.model_id"],
            &[col("t.tag_key", "key"), col("t.tag_value", "value")],
        ),
        pairs(
            "data/params",
            &[("t", "logged_model_params", "")],
            &["t.model_id"],
            &[col("t.param_key", "key"), col("t.param_value", "value")],
        ),
        List {
            at: "data/metrics",
            from: &[("t", "logged_model_metrics", "")],
            key: &["t.model_id"],
            only: "",
            fields: &[
                col("t.metric_name", "key"),
                col("t.metric_value", "value"),
                col("t.metric_timestamp_ms", "timestamp"),
                col("t.metric_step", "step"),
                col("t.run_id", "run_id"),
                col("t.dataset_name", "dataset_name"),
                col("t.dataset_digest", "dataset_digest"),
            ],
            fold: Fold::History,
        },
    ],
};

pub(super) const REGISTERED_MODELS: Unit = Unit {
    word: "registered_model",
    table: "registered_models",
    key: &["workspace", "name"],
    fields: &[
        col("u.name", "name"),
        col("u.creation_time", "creation_timestamp"),
        col("u.last_updated_time", "last_updated_timestamp"),
        col("u.description", "description"),
        col("u.workspace", "workspace"),
    ],
    lists: &[
        pairs("tags", &[("t", "registered_model_tags", "")], &["t.workspace", "t.name"], KEY_VALUE),
        pairs(
            "aliases",
            &[("t", "registered_model_aliases", "")],
            &["t.workspace", "t.name"],
            &[col("t.alias", "alias"), col("t.version", "version")],
        ),
    ],
};

pub(super) const MODEL_VERSIONS: Unit = Unit {
    word: "model_version",
    table: "model_versions",
    key: &["workspace", "name", "version"],
    fields: &[
        col("u.name", "name"),
        col("u.version", "version"),
        col("u.creation_time", "creation_timestamp"),
        col("u.last_updated_time", "last_updated_timestamp"),
        col("u.user_id", "user_id"),
        col("u.current_stage", "current_stage"),
        col("u.description", "description"),
        col("u.source", "source"),
        col("u.run_id", "run_id"),
        col("u.status", "status"),
        col("u.status_message", "status_message"),
        col("u.run_link", "run_link"),
        col("u.storage_location", "storage_location"),
        col("u.workspace", "workspace"),
    ],
    lists: &[pairs("tags", &[("t", "model_version_tags", "")], &["t.workspace", "t.name", "t.version"], KEY_VALUE)],
};
