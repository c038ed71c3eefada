//! Going from pane to pane: showing one, asking its question anew, stopping it, stepping back, and
//! what a new statement in the ledger means for each. What a pane does with an answer is its own.

use crate::investigate::answer::LedgerHead;
use crate::tui::ask::{Ask, Heading, Told};
use crate::tui::live;
use crate::tui::message::{Effect, SlotId, Ticket};
use crate::tui::pane::row::short;
use crate::tui::pane::{case, chain, diff, explore, gaps, impact, overview, plan, sources, suspects, timeline};
use crate::tui::state::{AnsweredOn, Pane, State, Visited};
use crate::tui::theme::Meaning;

/// The pane beside this one on the tabs.
pub(crate) fn beside(pane: Pane, by: usize) -> Pane {
    let at = Pane::ALL.iter().position(|&other| other == pane).unwrap_or(0);
    Pane::ALL[(at + by) % Pane::ALL.len()]
}

/// Goes to a pane.
pub(crate) fn show(state: &mut State, pane: Pane, out: &mut Vec<Effect>) {
    if state.pane != pane {
        state.remember();
        if pane == Pane::Plan {
            plan::comes_from(state);
        }
        enter(state, pane, out);
    }
}

/// Shows a pane, asking its question when it has not been asked, or anew when the ledger said more since.
pub(crate) fn enter(state: &mut State, pane: Pane, out: &mut Vec<Effect>) {
    state.pane = pane;
    (state.zoomed, state.page_of_details) = (false, 0);
    match pane {
        Pane::Overview if state.overview.slot.value.is_none() => overview::refresh(state, out),
        Pane::Sources if state.sources.slot.value.is_none() => sources::refresh(state, out),
        Pane::Suspects => suspects::enter(state, out),
        Pane::Plan => plan::enter(state, out),
        Pane::Case => case::enter(state, out),
        Pane::Gaps => gaps::enter(state, out),
        _ => {}
    }
    let follows = matches!(
        pane,
        Pane::Diff | Pane::Suspects | Pane::Plan | Pane::Timeline | Pane::Chain | Pane::Gaps | Pane::Case
    );
    if follows && state.is_outgrown() && pending(state).is_none_or(|(_, pending)| pending.is_none()) {
        refresh(state, out);
    }
}

/// Asks the shown pane's question again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    match state.pane {
        Pane::Overview => overview::refresh(state, out),
        Pane::Explore => explore::replant(state, out),
        Pane::Diff => diff::refresh(state, out),
        Pane::Impact => impact::refresh(state, out),
        Pane::Suspects => suspects::refresh(state, out),
        Pane::Plan => plan::refresh(state, out),
        Pane::Timeline => timeline::refresh(state, out),
        Pane::Chain => chain::refresh(state, out),
        Pane::Gaps => gaps::refresh(state, out),
        Pane::Case => case::refresh(state, out),
        Pane::Sources => sources::refresh(state, out),
    }
}

/// Where the shown pane waits, and for what.
fn pending(state: &mut State) -> Option<(SlotId, &mut Option<Ticket>)> {
    Some(match state.pane {
        Pane::Explore => return None,
        Pane::Overview => (SlotId::Overview, &mut state.overview.slot.pending),
        Pane::Diff => (SlotId::Diff, &mut state.diff.slot.pending),
        Pane::Impact => (SlotId::Impact, &mut state.impact.slot.pending),
        Pane::Suspects => (SlotId::Suspects, &mut state.suspects.slot.pending),
        Pane::Plan => (SlotId::Plan, &mut state.plan.slot.pending),
        Pane::Timeline => (SlotId::Timeline, &mut state.timeline.slot.pending),
        Pane::Gaps => (SlotId::Gaps, &mut state.gaps.slot.pending),
        Pane::Chain => (SlotId::Chain, &mut state.chain.slot.pending),
        Pane::Case => (SlotId::Case, &mut state.case.slot.pending),
        Pane::Sources => (SlotId::Sources, &mut state.sources.slot.pending),
    })
}

/// Takes back what the shown pane is waiting for, and says so.
pub(crate) fn stop(state: &mut State, out: &mut Vec<Effect>) -> Option<&'static str> {
    if state.pane == Pane::Sources && sources::stop(state, out) {
        return Some("stopping: what was pulled is kept, and the next sync goes on");
    }
    if live::stop(state, out) {
        return Some("stopped asking: what is known stands");
    }
    let slot = pending(state).and_then(|(slot, pending)| pending.take().map(|_| slot))?;
    out.push(Effect::Cancel(slot));
    Some("stopped: r asks again")
}

/// One step back.
pub(crate) fn previous(state: &mut State, out: &mut Vec<Effect>) {
    let here = state.here();
    let Some(there) = state.history.pop() else { return };
    let Visited { pane, root, direction, impact_of, diff_of, suspects_of, plan_of, timeline_of, chain_of, gaps_of } =
        there;
    if root != here.root || direction != here.direction {
        state.explore.direction = direction;
        match root {
            Some(root) => explore::plant(state, &root, out),
            None => state.explore = explore::Pane { direction, ..explore::Pane::default() },
        }
    }
    if impact_of != here.impact_of {
        state.impact = impact::Pane { of: impact_of, ..impact::Pane::default() };
        impact::refresh(state, out);
    }
    if diff_of != here.diff_of {
        diff::ask(state, diff_of, out);
    }
    if suspects_of != here.suspects_of {
        // asked when it is shown
        let (bad, good) = suspects_of;
        state.suspects = suspects::Pane { bad, good, ..suspects::Pane::default() };
        out.push(Effect::Cancel(SlotId::Suspects));
    }
    if plan_of != here.plan_of {
        state.plan = plan::Pane { of: plan_of, beside: state.plan.beside.take(), ..plan::Pane::default() };
        out.push(Effect::Cancel(SlotId::Plan));
    }
    if timeline_of != here.timeline_of {
        timeline::ask(state, timeline_of, out);
    }
    if gaps_of != here.gaps_of {
        gaps::ask(state, gaps_of, out);
    }
    if chain_of != here.chain_of {
        chain::ask(state, chain_of, out);
    }
    enter(state, pane, out);
}

/// Another process may have appended meanwhile: the first line follows, and each pane remembers what
/// its answer was computed on.
pub(crate) fn headed(state: &mut State, slot: SlotId, ticket: Ticket, heading: Heading) {
    let on = answered_on(&heading);
    let (pane, pending) = match slot {
        // what is written says itself what the ledger is afterwards
        SlotId::Write => return,
        SlotId::Overview => (Some(Pane::Overview), state.overview.slot.pending),
        SlotId::Diff => (Some(Pane::Diff), state.diff.slot.pending),
        SlotId::Impact => (Some(Pane::Impact), state.impact.slot.pending),
        SlotId::Suspects => (Some(Pane::Suspects), state.suspects.slot.pending),
        SlotId::Plan => (Some(Pane::Plan), state.plan.slot.pending),
        SlotId::Timeline => (Some(Pane::Timeline), state.timeline.slot.pending),
        SlotId::Gaps => (Some(Pane::Gaps), state.gaps.slot.pending),
        SlotId::Chain => (Some(Pane::Chain), state.chain.slot.pending),
        SlotId::Case => (Some(Pane::Case), state.case.slot.pending),
        SlotId::Sources => (Some(Pane::Sources), state.sources.slot.pending),
        _ => (None, None),
    };
    if let Some(pane) = pane.filter(|_| pending == Some(ticket)) {
        state.answered_at.insert(pane, on.clone());
    }
    if matches!(slot, SlotId::Details | SlotId::Children(_)) {
        // its parts are answered one by one: the oldest counts until all is asked again
        state.answered_at.entry(Pane::Explore).or_insert(on);
    }
    // answers may come out of order; a log only grows
    if heading.records >= state.heading.records {
        state.heading = heading;
    }
}

/// Records came in while somebody looked: the first line says so, and what they look at stays where it is until they
/// ask again.
pub(crate) fn arrived(state: &mut State, heading: Heading) {
    if heading.records > state.heading.records {
        state.heading = heading;
    }
}

/// What an answer that is given now is computed on.
fn answered_on(heading: &Heading) -> AnsweredOn {
    let head = LedgerHead {
        records: heading.records,
        root: heading.root.clone(),
        anchored_to: heading.anchored_to,
        erased: heading.erased,
    };
    AnsweredOn { head, marks: heading.marks }
}

/// Hands something to be written to whoever writes.
pub(crate) fn write(state: &mut State, ask: Ask, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Write, ask.clone(), out);
    state.writing.insert(ticket, ask);
    state.say("writing it down", Meaning::Dim);
}

/// What was done, in a sentence that fits a line of this many columns where it can.
fn done(ask: Option<&Ask>, claim: &str, case: Option<&str>, outside: usize, room: usize) -> String {
    let case = case.unwrap_or_default();
    // an id gives way before what comes after it does
    let fit = |say: &dyn Fn(&str) -> String, id: &str| {
        let whole = say(id);
        if whole.chars().count() <= room { whole } else { say(&short(id)) }
    };
    match ask {
        Some(Ask::Mark(mark)) => {
            fit(&|id| format!("marked {id} {} as {claim}; u takes it back", mark.mark.as_str()), &mark.about)
        }
        Some(Ask::MarkAll(marks)) => {
            let (count, many) = (marks.len(), if marks.len() == 1 { "" } else { "s" });
            let word = marks.first().map_or("", |mark| mark.mark.as_str());
            format!("marked {count} artefact{many} {word} as {claim}; u on it takes a mark back")
        }
        Some(Ask::Unmark { claim: taken, .. }) => format!("took back mark {taken}, as {claim}"),
        Some(Ask::Except(it)) => fit(&|id| format!("accepted {} of {id} as {claim}", it.requirement), &it.about),
        Some(Ask::Note { about: Some(about), .. }) => {
            fit(&|id| format!("noted about {id} in case {case} as {claim}"), about)
        }
        Some(Ask::Note { about: None, .. }) => format!("noted in case {case} as {claim}"),
        Some(Ask::Save(..)) => format!("kept in case {case} as {claim}; 8 shows it, Enter there asks it again"),
        Some(Ask::UseCase { name, .. }) if outside > 0 => {
            let name = if claim.is_empty() { format!("case {name} is in use") } else { format!("opened case {name}") };
            let marks = if outside == 1 { "1 mark belongs".to_owned() } else { format!("{outside} marks belong") };
            format!("{name}; {marks} to no case, m says it again in this one")
        }
        Some(Ask::UseCase { name, .. }) if claim.is_empty() => {
            format!("case {name} is in use: new marks, notes and answers go to it")
        }
        Some(Ask::UseCase { name, .. }) => format!("opened case {name} as {claim}; new marks and notes go to it"),
        _ => format!("written to the log as {claim}"),
    }
}

/// After something was written, whatever may show it is asked for again: at once where it is to be seen,
/// else when it is.
pub(crate) fn written(state: &mut State, ticket: Ticket, told: Told, out: &mut Vec<Effect>) {
    let ask = state.writing.remove(&ticket);
    match told {
        Told::Written { claim, heading } => {
            let on = answered_on(&heading);
            // what this console wrote itself is shown, or asked for again
            for pane in [Pane::Overview, Pane::Explore, Pane::Impact, Pane::Sources] {
                if let Some(at) = state.answered_at.get_mut(&pane).filter(|at| at.head.root == state.heading.root) {
                    at.clone_from(&on);
                }
            }
            if state.heading.case != heading.case {
                state.case = case::Pane::default();
            }
            state.heading = heading;
            let room = usize::from(state.size.0).saturating_sub(2);
            let outside = state.heading.case.as_deref().map_or(0, |case| state.overview.outside(case));
            let text = done(ask.as_ref(), &claim, state.heading.case.as_deref(), outside, room);
            state.say(text, Meaning::Good);
            ask_again(state, out);
        }
        Told::Reported { file } => state.say(format!("wrote {file}"), Meaning::Good),
        Told::Failed(why) => {
            state.say(format!("not written: {why}"), Meaning::Bad);
            // of many marks some may have been written
            ask_again(state, out);
        }
        _ => state.say("not written", Meaning::Bad),
    }
}

fn ask_again(state: &mut State, out: &mut Vec<Effect>) {
    overview::refresh(state, out);
    explore::refresh_details(state, out);
    impact::refresh(state, out);
    match state.pane {
        Pane::Diff => diff::refresh(state, out),
        Pane::Suspects => suspects::refresh(state, out),
        Pane::Plan => plan::refresh(state, out),
        Pane::Timeline => timeline::refresh(state, out),
        Pane::Chain => chain::refresh(state, out),
        Pane::Gaps => gaps::refresh(state, out),
        Pane::Case => case::refresh(state, out),
        Pane::Overview | Pane::Explore | Pane::Impact | Pane::Sources => {}
    }
}
