//! Which columns of MLflow's tables stand where in its REST answers, for every version that has them: what a
//! version lacks is left out. Values of secrets are in no list, so that they are never read.

mod gateway;
mod models;

use gateway::{ENDPOINTS, MODEL_DEFINITIONS, SECRETS};
use models::{LOGGED_MODELS, MODEL_VERSIONS, REGISTERED_MODELS};

/// One kind of object: its table and what belongs to each of its rows.
pub(super) struct Unit {
    /// The key of the document it stands under.
    pub(super) word: &'static str,
    pub(super) table: &'static str,
    /// What tells its rows apart. A part that a version lacks is left out.
    pub(super) key: &'static [&'static str],
    pub(super) fields: &'static [Field],
    pub(super) lists: &'static [List],
}

/// Rows of other tables that belong to a row.
pub(super) struct List {
    /// Where they stand in the document.
    pub(super) at: &'static str,
    /// Short name, table, and how it is joined to those before it.
    pub(super) from: &'static [(&'static str, &'static str, &'static str)],
    /// What is equal to the key of the row they belong to.
    pub(super) key: &'static [&'static str],
    pub(super) only: &'static str,
    pub(super) fields: &'static [Field],
    pub(super) fold: Fold,
}

/// What becomes of the rows of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// Each is an element.
    Each,
    /// Each is a member of an object, by `key` and `value`.
    Object,
    /// Those that differ only in `value`, `timestamp` and `step` become one, with the last of each, and how many
    /// there were between which bounds.
    History,
}

/// A value and where it stands.
pub(super) struct Field {
    /// What is selected.
    pub(super) sql: &'static str,
    /// Columns that must be there; the one selected where none is named.
    pub(super) needs: &'static [&'static str],
    pub(super) at: &'static str,
    /// It is a text that holds JSON.
    pub(super) json: bool,
}

const fn col(sql: &'static str, at: &'static str) -> Field {
    Field { sql, needs: &[], at, json: false }
}

const fn json(sql: &'static str, at: &'static str) -> Field {
    Field { sql, needs: &[], at, json: true }
}

const fn computed(sql: &'static str, needs: &'static [&'static str], at: &'static str) -> Field {
    Field { sql, needs, at, json: true }
}

const fn pairs(
    at: &'static str,
    from: &'static [(&'static str, &'static str, &'static str)],
    key: &'static [&'static str],
    fields: &'static [Field],
) -> List {
    List { at, from, key, only: "", fields, fold: Fold::Each }
}

const KEY_VALUE: &[Field] = &[col("t.key", "key"), col("t.value", "value")];

/// Everything that is read, in the order in which it is handed on.
pub(super) const UNITS: &[Unit] = &[
    EXPERIMENTS,
    RUNS,
    LOGGED_MODELS,
    REGISTERED_MODELS,
    MODEL_VERSIONS,
    TRACES,
    EVALUATION_DATASETS,
    SECRETS,
    MODEL_DEFINITIONS,
    ENDPOINTS,
];

const EXPERIMENTS: Unit = Unit {
    word: "experiment",
    table: "experiments",
    key: &["experiment_id"],
    fields: &[
        col("u.experiment_id", "experiment_id"),
        col("u.name", "name"),
        col("u.artifact_location", "artifact_location"),
        col("u.lifecycle_stage", "lifecycle_stage"),
        col("u.creation_time", "creation_time"),
        col("u.last_update_time", "last_update_time"),
        col("u.workspace", "workspace"),
    ],
    lists: &[pairs("tags", &[("t", "experiment_tags", "")], &["t.experiment_id"], KEY_VALUE)],
};

const RUNS: Unit = Unit {
    word: "run",
    table: "runs",
    key: &["run_uuid"],
    fields: &[
        col("u.run_uuid", "info/run_id"),
        col("u.name", "info/run_name"),
        col("u.experiment_id", "info/experiment_id"),
        col("u.user_id", "info/user_id"),
        col("u.status", "info/status"),
        col("u.start_time", "info/start_time"),
        col("u.end_time", "info/end_time"),
        col("u.artifact_uri", "info/artifact_uri"),
        col("u.lifecycle_stage", "info/lifecycle_stage"),
        col("u.deleted_time", "info/deleted_time"),
        col("u.source_type", "info/source_type"),
        col("u.source_name", "info/source_name"),
        col("u.source_version", "info/source_version"),
        col("u.entry_point_name", "info/entry_point_name"),
    ],
    lists: &[
        pairs("data/params", &[("t", "params", "")], &["t.run_uuid"], KEY_VALUE),
        pairs("data/tags", &[("t", "tags", "")], &["t.run_uuid"], KEY_VALUE),
        List {
            at: "data/metrics",
            from: &[("t", "metrics", "")],
            key: &["t.run_uuid"],
            only: "",
            fields: &[
                col("t.key", "key"),
                computed("CASE WHEN t.is_nan THEN 'NaN' ELSE t.value END", &["t.is_nan", "t.value"], "value"),
                col("t.timestamp", "timestamp"),
                col("t.step", "step"),
            ],
            fold: Fold::History,
        },
        List {
            at: "inputs/dataset_inputs",
            from: &[("t", "inputs", ""), ("d", "datasets", "d.dataset_uuid = t.source_id")],
            key: &["t.destination_id"],
            only: "t.source_type = 'DATASET' AND t.destination_type = 'RUN'",
            fields: &[
                computed(
                    "(SELECT json_group_array(json_object('key', g.name, 'value', g.value)) FROM input_tags g \
                     WHERE g.input_uuid = t.input_uuid)",
                    &["input_tags.name", "input_tags.value", "input_tags.input_uuid", "t.input_uuid"],
                    "tags",
                ),
                col("d.name", "dataset/name"),
                col("d.digest", "dataset/digest"),
                col("d.dataset_source_type", "dataset/source_type"),
                col("d.dataset_source", "dataset/source"),
                col("d.dataset_schema", "dataset/schema"),
                col("d.dataset_profile", "dataset/profile"),
            ],
            fold: Fold::Each,
        },
        List {
            at: "inputs/model_inputs",
            from: &[("t", "inputs", "")],
            key: &["t.source_id"],
            only: "t.source_type = 'RUN_INPUT' AND t.destination_type = 'MODEL_INPUT'",
            fields: &[col("t.destination_id", "model_id")],
            fold: Fold::Each,
        },
        List {
            at: "outputs/model_outputs",
            from: &[("t", "inputs", "")],
            key: &["t.source_id"],
            only: "t.source_type = 'RUN_OUTPUT' AND t.destination_type = 'MODEL_OUTPUT'",
            fields: &[col("t.destination_id", "model_id"), col("t.step", "step")],
            fold: Fold::Each,
        },
    ],
};

const TRACES: Unit = Unit {
    word: "trace",
    table: "trace_info",
    key: &["request_id"],
    fields: &[
        col("u.request_id", "trace_info/trace_id"),
        col("u.experiment_id", "trace_info/trace_location/mlflow_experiment/experiment_id"),
        col("u.timestamp_ms", "trace_info/timestamp_ms"),
        col("u.execution_time_ms", "trace_info/execution_time_ms"),
        col("u.status", "trace_info/state"),
        col("u.client_request_id", "trace_info/client_request_id"),
        col("u.request_preview", "trace_info/request_preview"),
        col("u.response_preview", "trace_info/response_preview"),
    ],
    lists: &[
        List {
            at: "trace_info/trace_metadata",
            from: &[("t", "trace_request_metadata", "")],
            key: &["t.request_id"],
            only: "",
            fields: KEY_VALUE,
            fold: Fold::Object,
        },
        List {
            at: "trace_info/tags",
            from: &[("t", "trace_tags", "")],
            key: &["t.request_id"],
            only: "",
            fields: KEY_VALUE,
            fold: Fold::Object,
        },
        pairs(
            "trace_info/assessments",
            &[("t", "assessments", "")],
            &["t.trace_id"],
            &[
                col("t.assessment_id", "assessment_id"),
                col("t.name", "assessment_name"),
                col("t.span_id", "span_id"),
                col("t.run_id", "run_id"),
                col("t.source_type", "source/source_type"),
                col("t.source_id", "source/source_id"),
                col("t.created_timestamp", "create_time"),
                col("t.last_updated_timestamp", "last_update_time"),
                computed(
                    "CASE WHEN t.assessment_type <> 'expectation' THEN t.value END",
                    &["t.assessment_type", "t.value"],
                    "feedback/value",
                ),
                json("t.error", "feedback/error"),
                computed(
                    "CASE WHEN t.assessment_type = 'expectation' THEN t.value END",
                    &["t.assessment_type", "t.value"],
                    "expectation/value",
                ),
                col("t.rationale", "rationale"),
                col("t.overrides", "overrides"),
                col("t.valid", "valid"),
                json("t.assessment_metadata", "metadata"),
            ],
        ),
        pairs("spans", &[("t", "spans", "")], &["t.trace_id"], &[json("t.content", "")]),
    ],
};

const EVALUATION_DATASETS: Unit = Unit {
    word: "evaluation_dataset",
    table: "evaluation_datasets",
    key: &["dataset_id"],
    fields: &[
        col("u.dataset_id", "dataset_id"),
        col("u.name", "name"),
        col("u.digest", "digest"),
        col("u.created_time", "created_time"),
        col("u.last_update_time", "last_update_time"),
        col("u.created_by", "created_by"),
        col("u.last_updated_by", "last_updated_by"),
    ],
    lists: &[pairs("tags", &[("t", "evaluation_dataset_tags", "")], &["t.dataset_id"], KEY_VALUE)],
};
