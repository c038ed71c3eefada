//! The console: opens the ledger for it and hands over the terminal. It answers nothing itself.

use crate::cli::Session;
use crate::cli::command::{desk, open};
use crate::cli::failure::{Exit, Failure};
use crate::config::ThemeName;
use crate::engine::{Engine, Scope};
use crate::tui::console::Setup;
use crate::tui::keymap::Keymap;
use crate::tui::run::{Ended, open as open_console};
use crate::tui::theme::{Look, Theme};
use std::io::IsTerminal as _;
use std::sync::Arc;

/// `lastgood` alone.
pub(crate) fn run(session: &Session) -> Result<Exit, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Failure::new(Exit::Usage, "the console needs a terminal")
            .hint("lastgood --help lists the commands that do not"));
    }
    let engine = Engine::open_or_create(&session.home, &session.ledger, session.clock.clone())?;
    open(session, engine)
}

/// Hands the terminal to the console until it is left.
pub(crate) fn open(session: &Session, engine: Engine) -> Result<Exit, Failure> {
    let scope = Scope {
        as_of: session.time("--as-of", session.global.as_of.as_ref())?,
        known_at: session.time("--known-at", session.global.known_at.as_ref())?,
    };
    // What keeps it from being known, the overview will say.
    let notice = open::building(&engine, &scope).ok().flatten();
    let setup = Setup {
        keymap: Arc::new(keymap(session)?),
        look: look(session),
        notice,
        ..desk::setup(engine, scope, session.investigator(), session.global.case.clone())?
    };
    match open_console(setup) {
        Ok(Ended::Left) => Ok(Exit::Answered),
        Ok(ended) => Ok(Exit::Signal(ended.exit_code())),
        Err(error) => Err(Failure::new(Exit::Usage, error.to_string())),
    }
}

fn keymap(session: &Session) -> Result<Keymap, Failure> {
    let path = session.home.keymap();
    match std::fs::read_to_string(&path) {
        Ok(text) => Keymap::parse(&text)
            .map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", path.display())).hint("lastgood --help")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Keymap::default()),
        Err(error) => Err(Failure::new(Exit::Usage, format!("{}: {error}", path.display()))),
    }
}

fn look(session: &Session) -> Look {
    let wanted = session.settings.theme.map(|theme| match theme {
        ThemeName::Dark => Theme::Dark,
        ThemeName::Light => Theme::Light,
        ThemeName::HighContrast => Theme::Contrast,
        ThemeName::Mono => Theme::Mono,
    });
    let mut look = Look::choose(wanted, |name| std::env::var(name).ok());
    match session.settings.ascii {
        Some(true) => look.glyphs = &crate::tui::theme::ASCII,
        Some(false) => look.glyphs = &crate::tui::theme::UNICODE,
        None => {}
    }
    look
}
