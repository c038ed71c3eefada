//! What a policy asks for, as plain data that was checked when it was read. It reads no file and judges nothing.

use crate::model::{Condition, ExceptionRule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules that answers are judged by, apart from the evidence they are judged on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Its name, which every verdict carries.
    pub name: String,
    /// Its version, likewise.
    pub version: String,
    /// SHA-256 of the file it was read from, in hex; likewise.
    #[serde(skip)]
    pub sha256: String,
    /// What counts as good without somebody's mark.
    pub last_good: LastGoodRule,
    /// Who bears which role: names, or patterns of names.
    #[serde(default)]
    pub roles: BTreeMap<String, Vec<String>>,
    /// When the gate stays shut.
    #[serde(default)]
    pub gate: GateRule,
    /// What an exception must be like to waive anything.
    #[serde(default)]
    pub exceptions: ExceptionRule,
    /// What is required of which artefacts.
    #[serde(default, rename = "require")]
    pub requirements: Vec<Requirement>,
}

/// When a version is taken for good without a mark that says so.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LastGoodRule {
    /// Approvals that must have held then: recorded, passed, neither void nor expired.
    pub approvals: u32,
    /// Scopes that must be among them; any will do when empty.
    pub approval_scopes: Vec<String>,
    /// Evaluations that must have passed; none may have failed.
    pub evaluations: u32,
    /// Hours it must have been deployed somewhere without an incident there.
    pub soak_hours: u32,
    /// Whether its content digest must be known.
    pub digest: bool,
    /// Whether nothing upstream may be marked compromised or suspect.
    pub clean_upstream: bool,
}

/// When the gate denies.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GateRule {
    /// Open findings of these severities shut it.
    pub deny: Vec<Severity>,
    /// Whether it opens for something of which nothing is required at all.
    #[serde(default)]
    pub unasked: Unasked,
}

/// What the gate does with something of which nothing is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the words themselves")]
pub enum Unasked {
    #[default]
    Deny,
    Allow,
}

impl Default for GateRule {
    fn default() -> GateRule {
        GateRule { deny: vec![Severity::High, Severity::Medium], unasked: Unasked::Deny }
    }
}

/// How much a finding matters; the graver is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the words themselves")]
pub enum Severity {
    High,
    Medium,
    Low,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Severity; 3] = [Severity::High, Severity::Medium, Severity::Low];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }
}

/// Something that is required of artefacts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Requirement {
    /// Its name: what findings and exceptions call it.
    pub id: String,
    /// Why it is asked for.
    pub why: String,
    /// How much it matters that it is lacking.
    pub severity: Severity,
    /// What it is asked of.
    pub of: Applies,
    /// What is asked for.
    pub asks: Asks,
    /// What would close a finding of it, where that is more than what it asks for says.
    pub close: Option<String>,
    /// Whether an exception on something is one for all that depends on it.
    pub inherit: bool,
}

/// What a requirement is asked of. Empty lists ask of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Applies {
    /// Kinds.
    pub kinds: Vec<String>,
    /// Patterns of environments that it is in use in, or states itself.
    pub environments: Vec<String>,
    /// Risk classes.
    pub risks: Vec<String>,
    /// Only what is in use now.
    pub in_use: bool,
    /// Only where this holds.
    pub when: Option<Condition>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asks {
    /// A field is stated.
    Field(Field),
    /// It has a link of one of these relations.
    Links(Vec<String>),
    /// Evidence about it.
    Evidence(EvidenceRule),
    /// Something about its lineage.
    Check(LineageCheck),
    /// A condition holds of it.
    That(Condition),
}

/// A field that may be required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the words themselves")]
pub enum Field {
    Owner,
    Digest,
    Version,
    Date,
    Risk,
    Environment,
    Description,
}

impl Field {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Owner => "owner",
            Field::Digest => "digest",
            Field::Version => "version",
            Field::Date => "date",
            Field::Risk => "risk",
            Field::Environment => "environment",
            Field::Description => "description",
        }
    }
}

/// Something about its lineage that may be required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineageCheck {
    /// Nothing it rests on is kept undisclosed.
    Disclosed,
    /// Nothing it rests on is only mentioned, described by nobody.
    Described,
    /// Nothing it rests on is marked compromised or suspect.
    Clean,
    /// Nothing it rests on was told twice under one name, differently.
    ToldOnce,
    /// It states the digest of something that it deploys.
    DeployedDigest,
}

/// Evidence that may be required.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EvidenceRule {
    /// approval, evaluation, scan, policy-verdict, attestation, verification, telemetry.
    pub kind: String,
    /// Patterns of scopes, one of which it must have; any will do when empty.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Who may give it: names, patterns of names, `role:NAME`; anybody when empty.
    #[serde(default)]
    pub by: Vec<String>,
    /// How many different people must have given it.
    #[serde(default = "one")]
    pub count: u32,
    /// Whether who made it may not give it.
    #[serde(default)]
    pub not_author: bool,
    /// The age after which it is stale, whatever it says itself.
    #[serde(default)]
    pub max_age_days: Option<u32>,
    /// Whether it must name the digest that it covers.
    #[serde(default)]
    pub names_digest: bool,
    /// What becomes of it when what it is about is changed afterwards.
    #[serde(default)]
    pub on_change: OnChange,
    /// Whether it may stand on everything that the artefact deploys rather than on itself.
    #[serde(default)]
    pub or_deployed: bool,
    /// A sort of step that, right before a step, says the same.
    #[serde(default)]
    pub or_step: Option<String>,
}

fn one() -> u32 {
    1
}

/// What becomes of evidence when what it is about is changed afterwards: another version, prompt, tool, data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnChange {
    /// It still holds.
    #[default]
    Keep,
    /// It is stale.
    Stale,
    /// It is void: it has to be given anew.
    Void,
}

/// A requirement as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    id: String,
    #[serde(default)]
    why: String,
    severity: Severity,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    environments: Vec<String>,
    #[serde(default)]
    risks: Vec<String>,
    #[serde(default)]
    in_use: bool,
    when: Option<Condition>,
    field: Option<Field>,
    links: Option<Vec<String>>,
    evidence: Option<EvidenceRule>,
    check: Option<LineageCheck>,
    that: Option<Condition>,
    close: Option<String>,
    #[serde(default)]
    inherit: bool,
}

impl TryFrom<Written> for Requirement {
    type Error = String;

    fn try_from(it: Written) -> Result<Requirement, String> {
        let id = it.id.trim().to_owned();
        if id.is_empty() || id.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(format!("a requirement's id is one word, and \"{}\" is not", it.id));
        }
        let asks = [
            it.field.map(Asks::Field),
            it.links.map(Asks::Links),
            it.evidence.map(Asks::Evidence),
            it.check.map(Asks::Check),
            it.that.map(Asks::That),
        ];
        let mut asks = asks.into_iter().flatten();
        let (Some(asks), None) = (asks.next(), asks.next()) else {
            return Err(format!("requirement \"{id}\" asks for exactly one of field, links, evidence, check, that"));
        };
        let nothing = match &asks {
            Asks::Links(links) => links.is_empty(),
            Asks::Evidence(rule) => rule.count == 0 || rule.kind.is_empty(),
            _ => false,
        };
        if nothing {
            return Err(format!("requirement \"{id}\" asks for nothing"));
        }
        let of = Applies {
            kinds: it.kinds,
            environments: it.environments,
            risks: it.risks,
            in_use: it.in_use,
            when: it.when,
        };
        let (why, severity, close, inherit) = (it.why, it.severity, it.close, it.inherit);
        Ok(Requirement { id, why, severity, of, asks, close, inherit })
    }
}

impl Policy {
    /// `default@1`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// `default@1 (sha256:1f0c9c0d7a21…)`: which policy judged, exactly.
    pub fn told(&self) -> String {
        let short: String = self.sha256.chars().take(12).collect();
        if short.is_empty() { self.id() } else { format!("{} (sha256:{short}…)", self.id()) }
    }

    /// The requirement of a name.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|it| it.id == id)
    }

    /// What is wrong with it as a whole, and the text in the file that it is about.
    pub fn mistake(&self) -> Option<(String, String)> {
        for (at, it) in self.requirements.iter().enumerate() {
            if self.requirements[..at].iter().any(|before| before.id == it.id) {
                return Some((format!("two requirements are called \"{}\"", it.id), it.id.clone()));
            }
            let Asks::Evidence(rule) = &it.asks else { continue };
            if let Some(mistake) = self.unknown_role(&format!("requirement \"{}\"", it.id), &rule.by) {
                return Some(mistake);
            }
        }
        let ExceptionRule { owners, by, .. } = &self.exceptions;
        self.unknown_role("[exceptions]", owners).or_else(|| self.unknown_role("[exceptions]", by))
    }

    fn unknown_role(&self, place: &str, names: &[String]) -> Option<(String, String)> {
        let mut roles = names.iter().filter_map(|by| by.strip_prefix("role:"));
        let role = roles.find(|role| !self.roles.contains_key(*role))?;
        Some((format!("{place} names role \"{role}\", which [roles] has not"), format!("role:{role}")))
    }

    /// The pattern of `by` that a name fits: itself, or a name or pattern of the role it names.
    pub fn may_give(&self, by: &[String], name: &str) -> bool {
        by.iter().any(|it| match it.strip_prefix("role:") {
            Some(role) => self.roles.get(role).is_some_and(|of| of.iter().any(|it| fits(it, name))),
            None => fits(it, name),
        })
    }
}

/// Whether a text fits a pattern in which `*` stands for any letters; the case of letters is no difference.
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*').map(str::as_bytes).peekable();
    let first = parts.next().unwrap_or_default();
    let Some((start, mut rest)) = text.as_bytes().split_at_checked(first.len()) else { return false };
    if !start.eq_ignore_ascii_case(first) {
        return false;
    }
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        let fits = |at: usize| rest.get(at..at + part.len()).is_some_and(|it| it.eq_ignore_ascii_case(part));
        if parts.peek().is_none() {
            return rest.len().checked_sub(part.len()).is_some_and(fits);
        }
        match (0..=rest.len()).find(|at| fits(*at)) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_the_whole_text() {
        for (pattern, text, expected) in [
            ("prod*", "prod-eu", true),
            ("prod", "prod-eu", false),
            ("*", "", true),
            ("person:*", "Person:h.moreau", true),
            ("*eu*1", "prod-eu-01", true),
            ("*eu*2", "prod-eu-01", false),
            ("a*a", "a", false),
            ("a*", "", false),
            ("*é*", "caf\u{e9}s", true),
            ("*A*b*", "xaxB", true),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
