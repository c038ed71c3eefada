//! Which step came of which: parents first, then the ids of calls, then time. Each cause says by which
//! of them it is known. Time tells only between spans below one parent that do not overlap.

use super::facts::{Facts, Sort};
use super::shapes::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A span with what it means.
pub(super) struct Told {
    pub(super) span: Span,
    pub(super) facts: Facts,
}

/// The steps by which a span begins, is known, and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) entry: String,
    pub(super) main: String,
    pub(super) exit: String,
}

/// The id under which a span is known, whoever describes it.
pub(super) fn base(trace: &str, span: &str) -> String {
    format!("step:otel/{trace}/{span}")
}

impl Told {
    pub(super) fn ends(&self) -> Ends {
        let main = base(&self.span.trace, &self.span.id);
        let (mut entry, mut exit) = (main.clone(), main.clone());
        match self.facts.sort {
            Sort::Model | Sort::Embedding => entry = format!("{main}/prompt"),
            Sort::Tool => exit = format!("{main}/result"),
            Sort::Agent | Sort::Chain => {
                if self.facts.given.is_some() {
                    entry = format!("{main}/prompt");
                }
                if self.facts.answered.is_some() {
                    exit = format!("{main}/output");
                }
            }
            _ => {}
        }
        Ends { entry, main, exit }
    }
}

/// Why a step is caused by another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    pub(super) by: String,
    pub(super) how: &'static str,
}

/// The causes of each span's first step, in the order of the spans.
pub(super) fn causes(all: &[Told]) -> Vec<Vec<Cause>> {
    let mut causes: Vec<Vec<Cause>> = all.iter().map(parent).collect();
    let present: BTreeSet<(&str, &str)> =
        all.iter().filter(|it| !it.span.log).map(|it| (it.span.trace.as_str(), it.span.id.as_str())).collect();
    by_call(all, &mut causes);
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (index, it) in all.iter().enumerate() {
        if it.facts.sort == Sort::Other || it.span.log || it.span.start.is_none() {
            continue;
        }
        let trace = it.span.trace.as_str();
        let parent = it.span.parent.as_deref().filter(|parent| present.contains(&(trace, parent)));
        groups.entry((trace, parent)).or_default().push(index);
    }
    for members in groups.into_values() {
        by_time(all, members, &mut causes);
    }
    causes
}

fn parent(it: &Told) -> Vec<Cause> {
    let parent = it.span.parent.as_deref().filter(|parent| *parent != it.span.id);
    parent.map(|parent| Cause { by: base(&it.span.trace, parent), how: "parent" }).into_iter().collect()
}

/// A call that a model asked for comes of its answer, and what the model is told of a result comes of
/// the call.
fn by_call(all: &[Told], causes: &mut [Vec<Cause>]) {
    let mut asked: BTreeMap<(&str, &str), String> = BTreeMap::new();
    let mut done: BTreeMap<(&str, &str), String> = BTreeMap::new();
    for it in all {
        let trace = it.span.trace.as_str();
        match (it.facts.sort, &it.facts.answered, &it.facts.call) {
            (Sort::Model, Some(answered), _) => {
                for id in answered.calls().filter_map(|call| call.id.as_deref()) {
                    asked.entry((trace, id)).or_insert_with(|| it.ends().main);
                }
            }
            (Sort::Tool, _, Some(call)) => {
                done.entry((trace, call)).or_insert_with(|| it.ends().exit);
            }
            _ => {}
        }
    }
    for (it, causes) in all.iter().zip(causes) {
        let trace = it.span.trace.as_str();
        let mut found: Vec<&String> = Vec::new();
        if let (Sort::Tool, Some(call)) = (it.facts.sort, &it.facts.call) {
            found.extend(asked.get(&(trace, call.as_str())));
        }
        if let (Sort::Model, Some(given)) = (it.facts.sort, &it.facts.given) {
            // Only what answers the last turn is new to this prompt.
            let last = given.messages.iter().rev().take_while(|message| !message.answers.is_empty());
            let ids = last.flat_map(|message| &message.answers).filter_map(|(id, _)| id.as_deref());
            found.extend(ids.filter_map(|id| done.get(&(trace, id))));
        }
        for by in found {
            if !causes.iter().any(|cause| cause.by == *by) {
                causes.push(Cause { by: by.clone(), how: "call-id" });
            }
        }
    }
}

/// How many steps that ran at once a later one is said to come of.
const AT_ONCE: usize = 64;

/// Of siblings, each comes of those that ended before it began and were not yet followed by another.
fn by_time(all: &[Told], mut members: Vec<usize>, causes: &mut [Vec<Cause>]) {
    let span = |index: usize| all.get(index).map(|it| &it.span);
    let start = |index: usize| span(index).and_then(|span| span.start).unwrap_or_default();
    let end = |index: usize| span(index).and_then(|span| span.end.or(span.start)).unwrap_or_default();
    members.sort_by_key(|index| (start(*index), end(*index), *index));
    let place: BTreeMap<usize, usize> = members.iter().enumerate().map(|(place, index)| (*index, place)).collect();
    let mut by_end = members.clone();
    by_end.sort_by_key(|index| (end(*index), place.get(index).copied()));
    let mut ended: usize = 0;
    let mut latest = i128::MIN;
    for (at, index) in members.iter().enumerate() {
        while let Some(next) =
            by_end.get(ended).filter(|next| end(**next) <= start(*index) && place.get(*next) < Some(&at))
        {
            latest = latest.max(start(*next));
            ended += 1;
        }
        let before = by_end.get(..ended).unwrap_or_default();
        let newest = before.last().copied();
        let open = before.iter().rev().take_while(|it| Some(**it) == newest || end(**it) > latest).take(AT_ONCE);
        for previous in open {
            let Some(by) = all.get(*previous).map(|it| it.ends().exit) else { continue };
            if let Some(causes) = causes.get_mut(*index)
                && !causes.iter().any(|cause| cause.by == by)
            {
                causes.push(Cause { by, how: "time" });
            }
        }
    }
}

/// For each span that answers for those below it, the step with which the last of them ended.
pub(super) fn closings(all: &[Told]) -> BTreeMap<(String, String), String> {
    let mut last: BTreeMap<(&str, &str), (i128, usize)> = BTreeMap::new();
    for (index, it) in all.iter().enumerate() {
        let Some(parent) = it.span.parent.as_deref() else { continue };
        let Some(end) = it.span.end.or(it.span.start).filter(|_| it.facts.sort != Sort::Other) else { continue };
        let known = last.entry((it.span.trace.as_str(), parent)).or_insert((end, index));
        if end >= known.0 {
            *known = (end, index);
        }
    }
    let named = last.into_iter().filter_map(|((trace, parent), (_, index))| {
        Some(((trace.to_owned(), parent.to_owned()), all.get(index)?.ends().exit))
    });
    named.collect()
}
