//! What a person would run for a step, as text. Nothing is run here, and nothing foreign goes unquoted.

use crate::graph::Node;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::rows::Command;
use crate::model::{Attributes, Statement};
use serde_json::json;
use std::collections::HashMap;

/// The most descriptions of one artefact that are read.
const MOST_CLAIMS: usize = 20;

/// What descriptions say of the artefacts that commands are about.
pub(super) struct Told(HashMap<Node, Attributes>);

impl Told {
    /// Reads it, all at once.
    pub(super) fn of(asking: &Asking<'_>, nodes: &[Node]) -> Result<Told, Unanswered> {
        let mut owner: HashMap<u64, Node> = HashMap::new();
        for node in nodes {
            let claims: Vec<u64> = asking.lineage.claims(*node).collect();
            // the later say more of what holds now
            let last = &claims[claims.len().saturating_sub(MOST_CLAIMS)..];
            owner.extend(last.iter().map(|claim| (*claim, *node)));
        }
        let mut claims: Vec<u64> = owner.keys().copied().collect();
        claims.sort_unstable();
        let mut told: HashMap<Node, Attributes> = HashMap::new();
        for (claim, statement) in asking.statements(&claims)? {
            if let (Some(node), Statement::Artefact(it)) = (owner.get(&claim), statement) {
                told.entry(*node).or_default().extend(it.attributes);
            }
        }
        Ok(Told(told))
    }

    fn text(&self, node: Node, keys: &[&str]) -> Option<&str> {
        let attributes = self.0.get(&node)?;
        keys.iter().find_map(|key| attributes.get(*key)?.as_str())
    }
}

/// Text for going back to a version.
pub(super) fn roll_back(asking: &Asking<'_>, told: &Told, site: Node, current: Node, target: Node) -> Vec<Command> {
    let lineage = asking.lineage;
    let mut commands: Vec<Command> = Vec::new();
    let mut add = |tool: &str, text: Option<String>| {
        commands.extend(text.map(|text| Command { tool: tool.to_owned(), text }));
    };
    let names: Vec<&str> = lineage.identifiers(target).collect();
    let told_names = ["storage_uri", "storageUri", "image"].map(|key| told.text(target, &[key]));
    let names: Vec<&str> = names.into_iter().chain(told_names.into_iter().flatten()).collect();
    let alias = told.text(site, &["mlflow.alias", "alias"]);
    let mut registered = names.iter().filter_map(|it| it.strip_prefix("models:/")?.split_once('/'));
    if let Some((name, version)) = registered.find(|it| !it.1.contains('/')) {
        add("mlflow", mlflow(name, version, alias));
    }
    let is_image = lineage.kind(target) == "image";
    let oci = names.iter().find_map(|it| it.strip_prefix("oci://").or(it.strip_prefix("oci:")));
    let image = oci.or_else(|| told.text(target, &["image"])).map(str::to_owned).or_else(|| {
        let digest = lineage.digests(target).next().filter(|_| is_image)?;
        Some(format!("{}@{digest}", lineage.name(target)))
    });
    if let Some(image) = image {
        add("kubectl", kubectl_image(told, site, &image));
    }
    const STORES: [&str; 9] =
        ["s3://", "gs://", "wasbs://", "abfss://", "azureblob://", "hf://", "pvc://", "hdfs://", "https://"];
    if let Some(uri) = names.iter().find(|it| !is_image && STORES.iter().any(|store| it.starts_with(store))) {
        add("kubectl", storage_uri(told, site, uri));
    }
    let quoted = [site, current, target].map(|node| quote(lineage.id(node)));
    let text = match &quoted {
        [Some(site_id), Some(from), Some(to)] => {
            let digest = lineage.digests(target).next().and_then(quote);
            let check = digest.map_or_else(String::new, |digest| format!(", and check that what runs is {digest}"));
            format!("redeploy {site_id} with {to} instead of {from}{check}")
        }
        _ => "redeploy by hand: the ids hold characters that do not belong on a command line".to_owned(),
    };
    add("generic", Some(text));
    commands
}

/// Text for taking a deployment out of service.
pub(super) fn disable(asking: &Asking<'_>, told: &Told, site: Node) -> Vec<Command> {
    let mut commands = Vec::new();
    if let Some(deployment) = told.text(site, KUBERNETES_NAME).and_then(|name| quote(&format!("deployment/{name}"))) {
        let text = format!("kubectl{} scale {deployment} --replicas=0", place(told, site));
        commands.push(Command { tool: "kubectl".to_owned(), text });
    }
    let text = match quote(asking.lineage.id(site)) {
        Some(site) => format!("take {site} out of service"),
        None => {
            "take it out of service by hand: its id holds characters that do not belong on a command line".to_owned()
        }
    };
    commands.push(Command { tool: "generic".to_owned(), text });
    commands
}

const KUBERNETES_NAME: &[&str] = &["kubernetes.deployment", "k8s.deployment", "k8s.deployment.name"];

/// Moves a registered alias; the values go in as arguments, so that Python reads none of them as code.
fn mlflow(name: &str, version: &str, alias: Option<&str>) -> Option<String> {
    let call = "import sys; from mlflow import MlflowClient; MlflowClient().set_registered_model_alias(*sys.argv[1:4])";
    let alias = alias.and_then(quote).unwrap_or_else(|| "ALIAS".to_owned());
    Some(format!("python3 -c '{call}' {} {alias} {}", quote(name)?, quote(version)?))
}

fn place(told: &Told, site: Node) -> String {
    let namespace = told.text(site, &["kubernetes.namespace", "k8s.namespace", "k8s.namespace.name", "namespace"]);
    match namespace.and_then(|name| quote(&format!("--namespace={name}"))) {
        Some(namespace) => format!(" {namespace}"),
        None => " --namespace=NAMESPACE".to_owned(),
    }
}

fn kubectl_image(told: &Told, site: Node, image: &str) -> Option<String> {
    let known = told.text(site, KUBERNETES_NAME);
    let deployment = quote(&format!("deployment/{}", known.unwrap_or("DEPLOYMENT")))?;
    let container = told.text(site, &["kubernetes.container", "k8s.container", "k8s.container.name"]);
    // quoted or not, what begins with a dash is read as an option
    let container = container.filter(|it| !it.starts_with('-'));
    let image = quote(&format!("{}={image}", container.unwrap_or("CONTAINER")))?;
    Some(format!("kubectl{} set image {deployment} {image}", place(told, site)))
}

fn storage_uri(told: &Told, site: Node, uri: &str) -> Option<String> {
    // what must not be on a command line must not hide behind the escapes of JSON either
    quote(uri)?;
    let patch = json!({ "spec": { "predictor": { "model": { "storageUri": uri } } } }).to_string();
    let name = told.text(site, &["kserve.inferenceservice", "inferenceservice"]).unwrap_or("INFERENCESERVICE");
    let (name, patch) = (quote(&format!("inferenceservice/{name}"))?, quote(&patch)?);
    Some(format!("kubectl{} patch {name} --type=merge -p {patch}", place(told, site)))
}

/// Quotes a value for a POSIX shell. Nothing for one with characters that a terminal would act on or hide.
pub(super) fn quote(value: &str) -> Option<String> {
    let hidden = |it: char| {
        it.is_control()
            || matches!(it, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(it, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    (!value.chars().any(hidden)).then(|| format!("'{}'", value.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_that_act_on_a_terminal_are_refused() {
        for value in ["a\nb", "a\u{1b}[2J", "a\u{202e}b", "a\u{200b}", "\0"] {
            assert_eq!(quote(value), None, "{value:?}");
        }
        assert_eq!(quote("it's $(rm -rf /) `x` \"y\""), Some(r#"'it'\''s $(rm -rf /) `x` "y"'"#.to_owned()));
        assert_eq!(
            mlflow("a'; import os #", "1", None).map(|it| it.ends_with(r"'a'\''; import os #' ALIAS '1'")),
            Some(true)
        );
        assert_eq!(mlflow("a\n", "1", None), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_shell_reads_a_quoted_value_back(value in "[ -~é😀]{0,30}") {
            let Some(quoted) = quote(&value) else { return Ok(()) };
            let said = std::process::Command::new("sh").args(["-c", &format!("printf %s {quoted}")]).output().unwrap();
            prop_assert_eq!(String::from_utf8(said.stdout).unwrap(), value);
        }
    }
}
