//! What claims say of the artefacts of a pair beside their links: attributes, owners, digests, authors.
//! It reads the claims of all pairs in one go, and knows no evidence.

use crate::graph::{Lineage, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::diff::closure::Closure;
use crate::investigate::diff::value;
use crate::investigate::rows::FieldChange;
use crate::model::{Kind, Statement, Time};
use std::collections::{BTreeMap, HashMap};

/// The most descriptions of one artefact that are read, the last.
const MOST_CLAIMS: usize = 50;

/// Statements by claim.
pub(super) struct Said {
    of: HashMap<u64, Statement>,
}

/// A value, and the claim that states it.
pub(super) type Stated = (String, u64);

impl Said {
    /// Reads the claims.
    pub(super) fn read(asking: &Asking<'_>, mut claims: Vec<u64>) -> Result<Said, Unanswered> {
        claims.sort_unstable();
        claims.dedup();
        let mut of = HashMap::new();
        for some in claims.chunks(1_000) {
            asking.go_on()?;
            of.extend(asking.statements(some)?);
        }
        Ok(Said { of })
    }

    /// What a claim says.
    pub(super) fn of(&self, claim: u64) -> Option<&Statement> {
        self.of.get(&claim)
    }

    /// The attributes of an artefact; of two descriptions the one received later wins.
    pub(super) fn attributes(&self, lineage: &Lineage, node: Node) -> BTreeMap<&str, Stated> {
        let mut all = BTreeMap::new();
        for claim in descriptions(lineage, node) {
            if let Some(Statement::Artefact(artefact)) = self.of.get(&claim) {
                all.extend(artefact.attributes.iter().map(|(key, it)| (key.as_str(), (value::text(it), claim))));
            }
        }
        all
    }
}

/// The claims that describe an artefact, the last of many.
pub(super) fn descriptions(lineage: &Lineage, node: Node) -> impl Iterator<Item = u64> + '_ {
    let all = lineage.claims(node).count();
    lineage.claims(node).skip(all.saturating_sub(MOST_CLAIMS))
}

/// Whether an attribute is compared under a heading of its own: `param.*`, `metric.*`.
pub(super) fn own_heading(attribute: &str) -> Option<(&'static str, &str)> {
    let under = |heading: &'static str| Some((heading, attribute.strip_prefix(heading)?.strip_prefix('.')?));
    under("param").or_else(|| under("metric")).filter(|(_, name)| !name.is_empty())
}

/// What differs within a pair beside version, parameters and metrics. Of code its author, message and
/// repository are told even where they are the same.
pub(super) fn details(
    lineage: &Lineage,
    (old_side, old, old_said): (&Closure, Node, &BTreeMap<&str, Stated>),
    (new_side, new, new_said): (&Closure, Node, &BTreeMap<&str, Stated>),
) -> Vec<FieldChange> {
    let kind = Kind::parse(lineage.kind(new));
    let told = |name: &str| kind == Kind::Code && ["author", "message", "repository"].contains(&name);
    // each run begins and ends at its own time
    let moment = |text: Option<&str>| text.is_some_and(|text| Time::parse_stated(text).is_ok());
    let mut fields = Vec::new();
    let mut add = |name: &str, old: Option<&str>, new: Option<&str>| {
        if kind == Kind::Run && moment(old) && moment(new) {
            return;
        }
        fields.extend(value::field(name, old, new).filter(|field| told(name) || !value::is_same(field)));
    };
    let authors = |side: &Closure, node| {
        let authors = side.authors(lineage, node).join(", ");
        (!authors.is_empty()).then_some(authors)
    };
    add("author", authors(old_side, old).as_deref(), authors(new_side, new).as_deref());
    if lineage.described(old) != lineage.described(new) {
        // what nobody described lacks nothing: it is not known
        let state = |node| Some(if lineage.described(node) { "described" } else { "mentioned only" });
        add("state", state(old), state(new));
        return fields;
    }
    let text = |said: &BTreeMap<&str, Stated>, key: &str| said.get(key).map(|it| it.0.clone());
    let mut keys: Vec<&str> = old_said.keys().chain(new_said.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys.into_iter().filter(|key| own_heading(key).is_none()) {
        add(key, text(old_said, key).as_deref(), text(new_said, key).as_deref());
    }
    add("owner", lineage.owner(old), lineage.owner(new));
    add("risk", lineage.risk(old), lineage.risk(new));
    add("environment", lineage.environment(old), lineage.environment(new));
    let digests = |node| {
        let digests: Vec<&str> = lineage.digests(node).collect();
        (!digests.is_empty()).then(|| digests.join(" "))
    };
    add("digest", digests(old).as_deref(), digests(new).as_deref());
    fields
}
