//! Asking servers about one artefact while it is looked at: by key, or by itself where the ledger knows no more of it
//! than its name. What is on screen stays until more is known. It knows no server.

use crate::model::ArtefactId;
use crate::tui::ask::{Ask, Told};
use crate::tui::message::{Effect, SlotId, Ticket};
use crate::tui::pane::{explore, overview};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use std::collections::BTreeSet;

/// What servers are asked about one artefact, and what they said last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Live {
    /// About which artefact, and for which request.
    pending: Option<(ArtefactId, Ticket)>,
    /// Who is being asked.
    server: String,
    /// What came of the last request.
    said: Option<(ArtefactId, String, Meaning)>,
    /// Artefacts that were asked about by themselves; once is enough.
    tried: BTreeSet<ArtefactId>,
}

impl Live {
    /// Whether anything is being asked.
    pub(crate) fn is_asking(&self) -> bool {
        self.pending.is_some()
    }

    /// Who is being asked about this artefact; empty until that is known.
    pub(crate) fn asking(&self, id: &str) -> Option<&str> {
        self.pending.as_ref().filter(|(of, _)| of == id).map(|_| self.server.as_str())
    }

    /// What to say beside what is known of this artefact.
    pub(crate) fn words(&self, look: &Look, id: &str) -> Option<(String, Meaning)> {
        let busy = |server: &str| format!("{} asking {server}{}; Esc stops", look.glyphs.busy, look.glyphs.ellipsis);
        if let Some(server) = self.asking(id) {
            return (!server.is_empty()).then(|| (busy(server), Meaning::Key));
        }
        self.said.as_ref().filter(|(of, _, _)| of == id).map(|(_, says, meaning)| (says.clone(), *meaning))
    }
}

/// Asks the servers that may know an artefact.
pub(crate) fn ask(state: &mut State, id: ArtefactId, out: &mut Vec<Effect>) {
    state.live.tried.insert(id.clone());
    state.say("asking the servers that may know it: Esc stops", Meaning::Dim);
    send(state, id, false, out);
}

/// The same where nobody pressed a key for it: once for each artefact, and never in place of what is being asked.
pub(crate) fn ask_unasked(state: &mut State, id: ArtefactId, out: &mut Vec<Effect>) {
    if state.live.pending.is_none() && state.live.tried.insert(id.clone()) {
        send(state, id, true, out);
    }
}

fn send(state: &mut State, id: ArtefactId, unasked: bool, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Look, Ask::Look { around: id.clone(), unasked }, out);
    state.live.server.clear();
    state.live.pending = Some((id, ticket));
}

/// Takes back what is being asked. False where nothing is.
pub(crate) fn stop(state: &mut State, out: &mut Vec<Effect>) -> bool {
    let stopped = state.live.pending.take().is_some();
    out.extend(stopped.then_some(Effect::Cancel(SlotId::Look)));
    stopped
}

/// Takes in who is asked, or what came of it; what hangs below the artefact is then shown anew.
/// Gives the artefact of which more is known now.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, out: &mut Vec<Effect>) -> Option<ArtefactId> {
    let (id, _) = state.live.pending.clone().filter(|(_, waits)| *waits == ticket)?;
    let (says, meaning, grew) = match told {
        Told::Looking { server } => {
            state.live.server = server;
            return None;
        }
        Told::Looked { says, went, grew } => (says, if went { Meaning::Good } else { Meaning::Warning }, grew),
        Told::Failed(why) => (Some(why), Meaning::Bad, false),
        _ => (None, Meaning::Dim, false),
    };
    state.live.pending = None;
    if let Some(says) = says {
        state.say(says.clone(), meaning);
        state.live.said = Some((id.clone(), says, meaning));
    }
    if grew {
        explore::renew(state, &id, out);
        overview::refresh(state, out);
    }
    grew.then_some(id)
}
