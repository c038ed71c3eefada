//! The tables of the gateway. What a secret is, and what masks or wraps it, is not read.

use super::{KEY_VALUE, Unit, col, pairs};

pub(super) const SECRETS: Unit = Unit {
    word: "secret",
    table: "secrets",
    key: &["secret_id"],
    fields: &[
        col("u.secret_id", "secret_id"),
        col("u.secret_name", "secret_name"),
        col("u.provider", "provider"),
        col("u.description", "description"),
        col("u.created_by", "created_by"),
        col("u.created_at", "created_at"),
        col("u.last_updated_by", "last_updated_by"),
        col("u.last_updated_at", "last_updated_at"),
        col("u.workspace", "workspace"),
    ],
    lists: &[],
};

pub(super) const MODEL_DEFINITIONS: Unit = Unit {
    word: "model_definition",
    table: "model_definitions",
    key: &["model_definition_id"],
    fields: &[
        col("u.model_definition_id", "model_definition_id"),
        col("u.name", "name"),
        col("u.secret_id", "secret_id"),
        col("u.provider", "provider"),
        col("u.model_name", "model_name"),
        col("u.created_by", "created_by"),
        col("u.created_at", "created_at"),
        col("u.last_updated_by", "last_updated_by"),
        col("u.last_updated_at", "last_updated_at"),
        col("u.workspace", "workspace"),
    ],
    lists: &[],
};

pub(super) const ENDPOINTS: Unit = Unit {
    word: "endpoint",
    table: "endpoints",
    key: &["endpoint_id"],
    fields: &[
        col("u.endpoint_id", "endpoint_id"),
        col("u.name", "name"),
        col("u.created_by", "created_by"),
        col("u.created_at", "created_at"),
        col("u.last_updated_by", "last_updated_by"),
        col("u.last_updated_at", "last_updated_at"),
        col("u.routing_strategy", "routing_strategy"),
        col("u.usage_tracking", "usage_tracking"),
        col("u.experiment_id", "experiment_id"),
        col("u.workspace", "workspace"),
    ],
    lists: &[
        pairs(
            "model_mappings",
            &[("t", "endpoint_model_mappings", "")],
            &["t.endpoint_id"],
            &[
                col("t.mapping_id", "mapping_id"),
                col("t.model_definition_id", "model_definition_id"),
                col("t.weight", "weight"),
                col("t.linkage_type", "linkage_type"),
                col("t.fallback_order", "fallback_order"),
                col("t.created_at", "created_at"),
                col("t.created_by", "created_by"),
            ],
        ),
        pairs(
            "bindings",
            &[("t", "endpoint_bindings", "")],
            &["t.endpoint_id"],
            &[
                col("t.endpoint_id", "endpoint_id"),
                col("t.resource_type", "resource_type"),
                col("t.resource_id", "resource_id"),
                col("t.display_name", "display_name"),
                col("t.created_at", "created_at"),
                col("t.created_by", "created_by"),
                col("t.last_updated_at", "last_updated_at"),
            ],
        ),
        pairs(
            "guardrails",
            &[("t", "guardrail_configs", ""), ("g", "guardrails", "g.guardrail_id = t.guardrail_id")],
            &["t.endpoint_id"],
            &[
                col("t.guardrail_id", "guardrail_id"),
                col("g.name", "name"),
                col("g.stage", "stage"),
                col("g.action", "action"),
                col("t.created_at", "created_at"),
                col("t.created_by", "created_by"),
            ],
        ),
        pairs("tags", &[("t", "endpoint_tags", "")], &["t.endpoint_id"], KEY_VALUE),
    ],
};
