//! What is known of an artefact that did not pass, in short phrases: what a responder looks at first. It
//! decides no order of rows.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::Asking;
use crate::investigate::diff::closure::Part;
use crate::investigate::diff::pair::version;
use crate::investigate::standing::alarming;
use crate::model::{MarkKind, Time};
use std::collections::{HashMap, HashSet};

/// The most phrases of one row.
const MOST: usize = 5;

/// Finds alarms as of a moment.
pub(super) struct Alarms<'a, 'b> {
    asking: &'b Asking<'a>,
    at: Time,
}

impl<'a, 'b> Alarms<'a, 'b> {
    /// What was known by a moment.
    pub(super) fn new(asking: &'b Asking<'a>, at: Time) -> Alarms<'a, 'b> {
        Alarms { asking, at }
    }

    /// The phrases of these artefacts: marks first, then the newest first. Of several artefacts each phrase
    /// says which of them it is about.
    pub(super) fn of(&self, parts: &[Part]) -> Vec<String> {
        let mut marks: Vec<String> = Vec::new();
        let mut known: Vec<(Time, Node, String)> = Vec::new();
        for part in parts {
            let about = match parts {
                [_] => String::new(),
                _ => format!("{}: ", version(self.asking.lineage, part.node)),
            };
            let held = self.asking.marks.on(part.node, self.asking.as_of);
            let bad = held.into_iter().filter(|mark| matches!(mark, MarkKind::Compromised | MarkKind::Suspect));
            marks.extend(bad.map(|mark| format!("{about}marked {}", mark.as_str())));
            known.extend(self.failing(part.node).map(|it| (it.at, part.node, format!("{about}{}", phrase(&it)))));
        }
        known.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut seen = HashSet::new();
        let mut all: Vec<String> = marks.into_iter().chain(known.into_iter().map(|it| it.2)).collect();
        all.retain(|text| seen.insert(text.clone()));
        if all.len() > MOST {
            let more = all.len() - (MOST - 1);
            all.truncate(MOST - 1);
            all.push(format!("and {more} more"));
        }
        all
    }

    /// Evidence that did not pass, newest first. A failed evaluation counts whatever came after, for another
    /// of the same scope may measure something else; of all else the last word on a scope counts.
    fn failing(&self, node: Node) -> impl Iterator<Item = EvidenceRef<'a>> + use<'a, '_> {
        let at = self.at;
        let mut said: HashMap<(&'a str, Option<&'a str>), Time> = HashMap::new();
        let known = self.asking.lineage.evidence(node).rev().filter(move |it| it.at <= at && !it.void);
        // two that were said at the same moment both are the last word
        let last = known
            .filter(move |it| it.kind == "evaluation" || *said.entry((it.kind, it.scope)).or_insert(it.at) == it.at);
        last.filter(alarming)
    }
}

/// What a piece of evidence says, in a few words: `scan label-drift: warn`.
pub(super) fn phrase(it: &EvidenceRef<'_>) -> String {
    let scope = it.scope.filter(|scope| !scope.is_empty()).map_or_else(String::new, |scope| format!(" {scope}"));
    let verdict = it.verdict.filter(|verdict| !verdict.is_empty()).map_or_else(String::new, |word| format!(": {word}"));
    format!("{}{scope}{verdict}", it.kind)
}
