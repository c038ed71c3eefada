//! `source`: which servers are pulled from, and what of all sources is held. It pulls nothing.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{ask, open};
use crate::cli::failure::{Exit, Failure};
use crate::config::{CredentialSetting, SourceSetting, Sources, load_sources, save_sources};
use crate::engine::{
    Engine, EngineError, SourceLine, Tested, check_address, key_to_pin, must_be_free, source_kinds, test_source,
};
use crate::investigate::answer::{Answer, Completeness};
use crate::model::Time;
use crate::report::prose::labelled;
use crate::report::table::{Layout, Table};
use crate::report::{json, text};
use serde_json::json;

/// `source`
pub(crate) fn run(session: &Session, it: args::Source) -> Result<Exit, Failure> {
    match it {
        args::Source::List => list(session),
        args::Source::Add(it) => add(session, *it),
        args::Source::Test { name } => test(session, &name),
        args::Source::Remove { name } => remove(session, &name),
        args::Source::Pause { name } => pause(session, &name, true),
        args::Source::Resume { name } => pause(session, &name, false),
    }
}

/// The servers that are named.
pub(super) fn named(session: &Session) -> Result<Sources, Failure> {
    load_sources(&session.home.sources()).map_err(|error| Failure::new(Exit::Usage, error.to_string()))
}

fn keep(session: &Session, sources: &Sources) -> Result<(), Failure> {
    let file = session.home.sources();
    save_sources(&file, sources).map_err(|error| Failure::new(Exit::NoSpace, format!("{}: {error}", file.display())))
}

/// The server of that name.
pub(super) fn one<'s>(sources: &'s Sources, name: &str) -> Result<&'s SourceSetting, Failure> {
    sources.get(name).ok_or_else(|| {
        let known: Vec<&str> = sources.keys().map(String::as_str).collect();
        let failure = Failure::new(Exit::No, format!("no server is called \"{name}\""));
        match known.is_empty() {
            true => failure.hint("lastgood source add NAME URL"),
            false => failure.hint(format!("one of: {}", known.join(", "))),
        }
    })
}

/// Asks for a credential at the terminal; what is typed is not shown.
pub(super) fn prompt(what: &str) -> Option<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    use std::io::{BufRead as _, Write as _};
    let mut terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    let before = tcgetattr(&terminal).ok()?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Now, &hidden).ok()?;
    let asked = write!(terminal, "{}: ", crate::report::screen::screen(what)).and_then(|()| terminal.flush());
    let mut line = String::new();
    let read = asked.and_then(|()| std::io::BufReader::new(&terminal).read_line(&mut line));
    // The terminal is put back whatever happened.
    tcsetattr(&terminal, OptionalActions::Now, &before).unwrap_or_default();
    writeln!(terminal).unwrap_or_default();
    read.ok().filter(|read| *read > 0)?;
    Some(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn setting(it: &args::SourceAdd) -> Result<SourceSetting, Failure> {
    let usage = |why: String| Failure::new(Exit::Usage, why);
    check_address(&it.url).map_err(usage)?;
    if let Some(kind) = it.kind.as_deref().filter(|kind| source_kinds().all(|(name, _)| name != *kind)) {
        let kinds: Vec<&str> = source_kinds().map(|(name, _)| name).collect();
        return Err(usage(format!("\"{kind}\" is no kind of server that is known; there are: {}", kinds.join(", "))));
    }
    let absolute = |path: &std::path::PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let credential = CredentialSetting {
        user: it.user.clone(),
        file: it.secret_file.as_ref().map(absolute),
        env: it.secret_env.clone(),
        command: it.secret_command.clone(),
        keyring: it.secret_keyring.clone(),
        prompt: it.secret_prompt,
    };
    if let Some(proxy) = &it.proxy {
        check_address(proxy).map_err(|why| usage(format!("--proxy: {why}")))?;
    }
    let named = [&it.user, &it.secret_env, &it.secret_command, &it.secret_keyring];
    let any = it.secret_prompt || it.secret_file.is_some() || named.iter().any(|it| it.is_some());
    Ok(SourceSetting {
        url: it.url.trim().to_owned(),
        kind: it.kind.clone().unwrap_or_default(),
        workspace: it.workspace.clone(),
        ca: it.ca.as_ref().map(absolute),
        client_certificate: it.client_certificate.as_ref().map(absolute),
        proxy: it.proxy.clone(),
        key: it.key.as_deref().map(key_to_pin).transpose()?,
        trust_investigators: it.trust_investigators,
        credential: any.then_some(credential),
        ..SourceSetting::default()
    })
}

fn add(session: &Session, it: args::SourceAdd) -> Result<Exit, Failure> {
    let mut sources = named(session)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if it.name.is_empty() || !it.name.chars().all(plain) || it.name.starts_with(['-', '.']) {
        return Err(Failure::new(Exit::Usage, "a source's name is made of letters, digits, - _ and ."));
    }
    must_be_free(&it.name)?;
    if sources.contains_key(&it.name) {
        return Err(Failure::new(Exit::Usage, format!("there is a source \"{}\" already", it.name))
            .hint(format!("lastgood source remove {}, or another name", it.name)));
    }
    let mut setting = setting(&it)?;
    let tested = test_source(&it.name, &setting, &prompt, session.clock.now());
    tell(session, "source-add", &it.name, &tested)?;
    match (&tested.kind, tested.works) {
        (Some(kind), true) => setting.kind.clone_from(kind),
        _ if it.unseen => {}
        _ => return Ok(Exit::Refused),
    }
    setting.key = setting.key.or(tested.key);
    sources.insert(it.name.clone(), setting);
    keep(session, &sources)?;
    session.out.remark(&format!("kept in {}; pull it: lastgood sync {}", session.home.sources().display(), it.name));
    Ok(Exit::Answered)
}

/// What a test found, in words or as JSON.
fn tell(session: &Session, question: &str, name: &str, tested: &Tested) -> Result<(), Failure> {
    if session.out.json {
        let text = json!({"schema": format!("lastgood/{question}/1"), "source": name, "rows": [tested]});
        return session.say(&text.to_string());
    }
    let lines: Vec<String> = tested.says.iter().map(|it| crate::report::screen::screen(it).into_owned()).collect();
    session.say(&lines.join("\n"))
}

fn test(session: &Session, name: &str) -> Result<Exit, Failure> {
    let sources = named(session)?;
    let tested = test_source(name, one(&sources, name)?, &prompt, session.clock.now());
    tell(session, "source-test", name, &tested)?;
    Ok(if tested.works { Exit::Answered } else { Exit::Refused })
}

fn remove(session: &Session, name: &str) -> Result<Exit, Failure> {
    let mut sources = named(session)?;
    one(&sources, name)?;
    sources.remove(name);
    keep(session, &sources)?;
    match Engine::open(&session.home, &session.ledger, session.clock.clone()) {
        Ok(engine) => engine.forget_pulls(name),
        Err(EngineError::NoLedger { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    session.out.remark(&format!("{name} is pulled no more; what was pulled from it stays in the ledger"));
    Ok(Exit::Answered)
}

fn pause(session: &Session, name: &str, paused: bool) -> Result<Exit, Failure> {
    let mut sources = named(session)?;
    one(&sources, name)?;
    if let Some(setting) = sources.get_mut(name) {
        setting.paused = paused;
    }
    keep(session, &sources)?;
    session
        .out
        .remark(&format!("{name} is {}", if paused { "left out of sync until it is resumed" } else { "pulled again" }));
    Ok(Exit::Answered)
}

/// `source list`
fn list(session: &Session) -> Result<Exit, Failure> {
    let engine = match Engine::open(&session.home, &session.ledger, session.clock.clone()) {
        // Servers may be named before anything was pulled.
        Err(EngineError::NoLedger { .. }) if !named(session)?.is_empty() => open::or_create(session)?,
        other => other?,
    };
    let view = open::view(session, &engine)?;
    let answer = view.sources()?;
    let words: fn(&Answer<SourceLine>, Layout) -> String = if session.out.verbose { whole } else { listed };
    ask::say_plain(session, &view, "source-list", &answer, words)
}

/// The sources as a table, and what is the matter with servers.
fn listed(answer: &Answer<SourceLine>, layout: Layout) -> String {
    let bad = answer.rows.iter().any(|it| !it.quarantined.is_empty());
    let more = if bad { layout.faint("  · -v lists what could not be read") + "\n" } else { String::new() };
    table(answer, layout) + &more + &troubles(answer)
}

/// The same, with everything that could not be read.
fn whole(answer: &Answer<SourceLine>, layout: Layout) -> String {
    let mut out = table(answer, layout);
    for it in &answer.rows {
        for bad in &it.quarantined {
            let place = format!("{} {}", bad.what.file, bad.what.place);
            out += &labelled("  · ", &format!("{}: {}: {}", it.name, place.trim_end(), bad.what.why), layout);
        }
    }
    out + &troubles(answer)
}

fn table(answer: &Answer<SourceLine>, layout: Layout) -> String {
    let mut table = Table::new(&["source", "kind", "state", "records", "last received", "last success", "not read"]);
    for it in &answer.rows {
        let time = |at: Option<Time>| at.map(Time::short).unwrap_or_default();
        // what a part of another source brought is counted with that one
        let name = if it.within.is_some() { format!("· {}", it.name) } else { it.name.clone() };
        table.row([
            name.as_str(),
            &it.kind,
            &it.state,
            &it.records.to_string(),
            &time(it.last_received),
            &it.live.as_ref().map(|live| time(live.last_success)).unwrap_or_default(),
            &(it.quarantined.len() + it.live.as_ref().map_or(0, |live| live.refused.len() + live.failed.len()))
                .to_string(),
        ]);
    }
    table.text(layout) + &text::completeness(&answer.completeness, "sources", layout)
}

fn troubles(answer: &Answer<SourceLine>) -> String {
    let mut out = String::new();
    for it in &answer.rows {
        let Some(live) = &it.live else { continue };
        let error = live.error.iter().map(|why| format!("{}: {why}", it.name));
        let refused =
            live.refused.iter().map(|at| format!("{}: not permitted to look at {}: {}", it.name, at.place, at.why));
        let failed = live.failed.iter().map(|at| format!("{}: {} could not be read: {}", it.name, at.place, at.why));
        for line in error.chain(refused).chain(failed) {
            out.push_str(&crate::report::screen::screen(line.trim_start()));
            out.push('\n');
        }
    }
    out
}

/// One line of what a sync did, as JSON; several are several rows.
pub(super) fn rows(session: &Session, engine: &Engine, reports: &[crate::engine::SyncReport]) -> Result<(), Failure> {
    let head = engine.head()?;
    match reports {
        [only] => session.say(&json::report("sync", &head, only)),
        several => {
            let completeness = Completeness::exact(several.len());
            let answer = Answer { rows: several.to_vec(), completeness, summary: () };
            session.say(&json::answer("sync", &head, &answer))
        }
    }
}
