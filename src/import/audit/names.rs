//! What audit logs call identities and things, as ids that other sources' names for them meet. It
//! looks nothing up: an assumed role is known as far as its session's name tells it.

use crate::import::telling::Telling;
use crate::model::{Artefact, Kind};
use serde_json::Value;

/// A thing an entry names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) name: Option<String>,
    pub(super) identifiers: Vec<String>,
    /// What sort of identity it is: `user`, `role`, `service-account`, `token`.
    pub(super) sort: Option<&'static str>,
}

impl Named {
    pub(super) fn new(id: String, kind: Kind, name: Option<&str>) -> Named {
        Named { id, kind, name: name.map(str::to_owned), identifiers: Vec::new(), sort: None }
    }

    pub(super) fn tell(&self, telling: &mut Telling<'_>) {
        let mut artefact = Artefact::new(self.id.clone(), self.kind.clone());
        artefact.name.clone_from(&self.name);
        artefact.identifiers.clone_from(&self.identifiers);
        if let Some(sort) = self.sort {
            artefact.attributes.insert("type".to_owned(), Value::from(sort));
        }
        telling.artefact(artefact);
    }
}

/// An identity that is known by `canonical`, such as an ARN or `k8s:ns/sa/name`.
pub(super) fn identity(canonical: &str, name: Option<&str>, sort: &'static str) -> Named {
    let mut named = Named::new(format!("identity:{canonical}"), Kind::Identity, name);
    named.identifiers.push(canonical.to_owned());
    named.sort = Some(sort);
    named
}

/// `arn:aws:iam::1:role/Admin` and the session, of an assumed role's ARN too.
pub(super) fn arn_identity(arn: &str) -> (Named, Option<String>) {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, service, _, account, rest] = parts.as_slice() else {
        return (identity(arn, None, "user"), None);
    };
    let mut path = rest.split('/');
    let (sort, name) = (path.next().unwrap_or_default(), path.next());
    if *service == "sts" && sort == "assumed-role" {
        let role = name.unwrap_or_default();
        let session = path.next_back().map(str::to_owned);
        return (identity(&format!("arn:{partition}:iam::{account}:role/{role}"), Some(role), "role"), session);
    }
    let last = rest.rsplit('/').next().filter(|last| last != rest);
    let sort = if sort == "role" { "role" } else { "user" };
    (identity(arn, last, sort), None)
}

/// A Kubernetes service account, as manifests and tokens name it.
pub(super) fn service_account(namespace: &str, name: &str) -> Named {
    let mut named = Named::new(format!("identity:k8s/{namespace}/sa/{name}"), Kind::Identity, Some(name));
    named.identifiers = service_account_names(namespace, name).to_vec();
    named.sort = Some("service-account");
    named
}

pub(super) fn service_account_names(namespace: &str, name: &str) -> [String; 2] {
    [format!("k8s:{namespace}/sa/{name}"), format!("system:serviceaccount:{namespace}:{name}")]
}

/// A GitHub user or app, as webhooks are read to name it.
pub(super) fn github_user(login: &str, sort: &'static str) -> Named {
    let mut named = identity(&format!("github:user/{login}"), Some(login), sort);
    named.id = format!("github:user/{login}");
    named
}

/// A Kubernetes user: a service account or somebody else.
pub(super) fn kubernetes_user(username: &str) -> Named {
    let mut parts = username.strip_prefix("system:serviceaccount:").into_iter().flat_map(|rest| rest.splitn(2, ':'));
    match (parts.next(), parts.next()) {
        (Some(namespace), Some(name)) => service_account(namespace, name),
        _ if username.starts_with("arn:") => arn_identity(username).0,
        _ => identity(&format!("k8s:user/{username}"), Some(username), "user"),
    }
}

/// What an ARN names.
pub(super) fn arn_thing(arn: &str) -> Option<Named> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, service, region, account, rest] = parts.as_slice() else { return None };
    let sort = rest.split(['/', ':']).next().unwrap_or_default();
    let name = rest.rsplit(['/', ':']).next().unwrap_or(rest);
    let kind = match (*service, sort) {
        ("secretsmanager", "secret") => return Some(aws_secret(arn, account, region)),
        ("iam" | "sts", "role" | "user" | "assumed-role") => return Some(arn_identity(arn).0),
        ("kms", _) => Kind::Secret,
        ("s3", _) => Kind::Dataset,
        ("iam", "policy") => Kind::Policy,
        ("sagemaker", "model" | "model-package") | ("bedrock", "foundation-model" | "custom-model") => {
            Kind::ModelVersion
        }
        ("sagemaker", "model-package-group") => Kind::Model,
        ("sagemaker", "endpoint") | ("bedrock", "provisioned-model") => Kind::Endpoint,
        ("sagemaker", "endpoint-config") | ("lambda", "function") | ("ecs", "service") => Kind::Deployment,
        ("sagemaker", "training-job" | "processing-job") => Kind::Run,
        ("bedrock", "agent") => Kind::Agent,
        ("bedrock", "prompt") => Kind::Prompt,
        _ => Kind::Other("resource".into()),
    };
    let mut named = Named::new(format!("{kind}:{arn}"), kind, Some(name));
    named.identifiers.push(arn.to_owned());
    Some(named)
}

/// A secret of AWS Secrets Manager by its ARN or its name: one id for both. The ARN ends with six
/// characters of its own, which a name lacks.
pub(super) fn aws_secret(written: &str, account: &str, region: &str) -> Named {
    let parts: Vec<&str> = written.splitn(7, ':').collect();
    let (account, region, name) = match parts.as_slice() {
        ["arn", _, _, region, account, "secret", rest] => (*account, *region, without_suffix(rest)),
        _ => (account, region, written),
    };
    let mut named = Named::new(format!("secret:aws/{account}/{region}/{name}"), Kind::Secret, Some(name));
    if written.starts_with("arn:") {
        named.identifiers.push(written.to_owned());
    }
    named
}

fn without_suffix(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((start, suffix)) if suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric()) => start,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_its_roles() {
        let (role, session) = arn_identity("arn:aws:sts::1:assumed-role/Admin/ada");
        assert_eq!((role.id.as_str(), session.as_deref()), ("identity:arn:aws:iam::1:role/Admin", Some("ada")));
        assert_eq!(arn_identity("nonsense").0.id, "identity:nonsense");
    }

    #[test]
    fn a_secret_has_one_id_by_name_and_by_arn() {
        let by_arn = aws_secret("arn:aws:secretsmanager:eu-west-1:1:secret:prod/refund-AbC123", "", "");
        assert_eq!(by_arn.id, aws_secret("prod/refund", "1", "eu-west-1").id);
    }

    #[test]
    fn service_accounts_are_named_as_manifests_name_them() {
        assert_eq!(kubernetes_user("system:serviceaccount:payments:refund").id, "identity:k8s/payments/sa/refund");
        assert_eq!(kubernetes_user("ada").id, "identity:k8s:user/ada");
    }
}
