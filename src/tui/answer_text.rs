//! What is shown, as Markdown for the clipboard, computed on the ledger it was answered from. The words
//! are the report's.

use crate::investigate::answer::LedgerHead;
use crate::investigate::question::{LastGood, Question, Show};
use crate::report::markdown::Markdown;
use crate::tui::overlay::Overlay;
use crate::tui::pane::{chain, gaps, impact, plan, suspects, timeline};
use crate::tui::state::{Pane, State};

/// The answer that lies on top.
fn shown(state: &State) -> Option<&dyn Markdown> {
    fn of<T: Markdown>(answer: Option<&T>) -> Option<&dyn Markdown> {
        answer.map(|answer| answer as &dyn Markdown)
    }
    match state.overlays.last() {
        Some(Overlay::Path(path)) => return of(path.slot.value.as_ref()),
        Some(Overlay::LastGood(view)) => return of(view.slot.value.as_ref()),
        Some(Overlay::Audit(view)) => return view.shown(),
        // Above the pane, but the palette's actions are about the pane.
        Some(Overlay::Palette(_)) | None => {}
        Some(_) => return None,
    }
    match state.pane {
        Pane::Overview => of(state.overview.slot.value.as_ref()),
        Pane::Explore => of(state.explore.details.value.as_deref()),
        Pane::Diff => of(state.diff.slot.value.as_ref()),
        Pane::Impact => of(state.impact.slot.value.as_ref()),
        Pane::Suspects => of(state.suspects.slot.value.as_ref()),
        Pane::Plan => of(state.plan.slot.value.as_deref()),
        Pane::Timeline => of(state.timeline.slot.value.as_ref()),
        Pane::Gaps => of(state.gaps.slot.value.as_deref()),
        Pane::Chain => of(state.chain.slot.value.as_deref()),
        Pane::Case => of(state.case.slot.value.as_deref()),
        Pane::Sources => None,
    }
}

/// The question behind what is shown, and a title for it, where it can be saved and asked again.
pub(crate) fn question(state: &State) -> Option<(Question, String)> {
    shown(state)?;
    match state.overlays.last() {
        Some(Overlay::Path(path)) => {
            let title = format!("why {} depends on {}", path.question.from, path.question.to);
            return Some((Question::Path(path.question.clone()), title));
        }
        Some(Overlay::LastGood(view)) => {
            return Some((Question::LastGood(LastGood { of: view.of.clone() }), format!("last good of {}", view.of)));
        }
        Some(Overlay::Audit(view)) => return Some(view.question()),
        Some(Overlay::Palette(_)) | None => {}
        Some(_) => return None,
    }
    Some(match state.pane {
        Pane::Explore => {
            let id = state.explore.details_of.clone()?;
            (Question::Show(Show { id: id.clone() }), format!("all of {id}"))
        }
        Pane::Diff => {
            let title = state.diff.slot.value.as_ref().map(|answer| {
                let it = &answer.summary;
                // one deployment at two moments: what it deployed then says since when
                if it.old.id == it.new.id {
                    format!("what differs in {} since {}", it.new.id, it.baseline.id)
                } else {
                    format!("what differs between {} and {}", it.old.id, it.new.id)
                }
            })?;
            (Question::Diff(state.diff.question.clone()?), title)
        }
        Pane::Impact => {
            (Question::Impact(impact::question(state)?), format!("what depends on {}", state.impact.of.join(", ")))
        }
        Pane::Suspects => {
            (Question::Suspects(suspects::question(state)), "what separates the bad from the good".to_owned())
        }
        Pane::Plan => (Question::Plan(plan::question(state)), format!("plan against {}", state.plan.against())),
        Pane::Timeline => {
            let question = timeline::question(state)?;
            let title = format!("what happened to {}", question.id);
            (Question::Timeline(question), title)
        }
        Pane::Gaps => {
            let question = gaps::question(state);
            let title = match &question.of {
                Some(of) => format!("what {of} lacks"),
                None => "what the policy asks for and nobody holds".to_owned(),
            };
            (Question::Gaps(question), title)
        }
        Pane::Chain => {
            let question = chain::question(state)?;
            let title = format!("the chain of {}", question.id);
            (Question::Chain(question), title)
        }
        Pane::Overview | Pane::Case | Pane::Sources => return None,
    })
}

/// Whether there is an answer to copy.
pub(crate) fn has_answer(state: &State) -> bool {
    shown(state).is_some()
}

/// The answer as Markdown.
pub(crate) fn markdown(state: &State) -> Option<String> {
    let now = LedgerHead {
        records: state.heading.records,
        root: state.heading.root.clone(),
        anchored_to: state.heading.anchored_to,
        erased: state.heading.erased,
    };
    let on = state.answered_at.get(&state.pane).filter(|_| state.overlays.is_empty());
    let at = on.map_or(&now, |on| &on.head);
    if state.pane == Pane::Plan && matches!(state.overlays.last(), Some(Overlay::Palette(_)) | None) {
        return state.plan.in_case(state.heading.case.as_deref()).map(|answer| answer.markdown(at));
    }
    shown(state).map(|answer| answer.markdown(at))
}
