//! Saved answers: what is kept of an answer, and how it compares with the same question asked again. It
//! asks nothing itself.

use crate::investigate::answer::{Completeness, LedgerHead};
use crate::investigate::case::ANSWER;
use crate::investigate::question::{Direction, Question};
use crate::investigate::rows::Again;
use crate::investigate::said::{INVESTIGATOR, Saying};
use crate::model::{Attributes, Note, Time, Window, shell_word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most keys of rows that are kept …
const MOST_KEYS: usize = 10_000;
/// … and the most bytes of them.
const MOST_BYTES: usize = 1 << 20;
/// How many keys a comparison lists; all are counted.
const LISTED: usize = 100;

/// What is kept of an answer, beside its title.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedAnswer {
    /// What was asked.
    pub question: Question,
    /// The moment whose state was asked about, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Time>,
    /// The moment whose knowledge was asked, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_at: Option<Time>,
    /// How many records the log held.
    pub records: u64,
    /// The root over them, hex.
    pub root: String,
    /// The answer's bounds.
    pub at_least: u64,
    /// Likewise.
    pub at_most: u64,
    /// Whether something was not counted, so that there may have been more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// How many rows it had.
    pub count: u64,
    /// What tells its rows apart, the first of them; see [`Keyed`].
    pub keys: Vec<String>,
}

/// An answer as far as a comparison needs it: a key for each of its rows, whatever its limit. The key is
/// the row's id; of a diff the aspect and what it is called in it; of a plan the deployment and its target;
/// of a path the hop; of a timeline the moment, what happened, and to what; of marks the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// One per row, in the rows' order.
    pub keys: Vec<String>,
    /// How sure the answer is.
    pub completeness: Completeness,
}

impl SavedAnswer {
    /// What to keep of an answer given now.
    pub fn new(
        question: Question,
        moments: (Option<Time>, Option<Time>),
        head: &LedgerHead,
        keyed: Keyed,
    ) -> SavedAnswer {
        let count = keyed.keys.len() as u64;
        let (mut bytes, mut keys) = (0, keyed.keys);
        let fits = |key: &&String| {
            bytes += key.len();
            bytes <= MOST_BYTES
        };
        let fitting = keys.iter().take(MOST_KEYS).take_while(fits).count();
        keys.truncate(fitting);
        SavedAnswer {
            question,
            as_of: moments.0,
            known_at: moments.1,
            records: head.records,
            root: head.root.clone(),
            at_least: keyed.completeness.at_least,
            at_most: keyed.completeness.at_most,
            open: keyed.completeness.open,
            count,
            keys,
        }
    }

    /// The one a note holds, if it is one.
    pub fn of(note: &Note) -> Option<SavedAnswer> {
        if note.what.as_deref() != Some(ANSWER) {
            return None;
        }
        let fields = note.attributes.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        serde_json::from_value(serde_json::Value::Object(fields)).ok()
    }

    /// As a note's attributes.
    pub fn attributes(&self) -> Attributes {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(fields)) => fields.into_iter().collect(),
            _ => Attributes::new(),
        }
    }

    /// The question and its bounds.
    pub fn says(&self) -> String {
        let moment = |word: &str, at: Option<Time>| at.map_or_else(String::new, |at| format!(" --{word} {at}"));
        let question = in_words(&self.question) + &moment("as-of", self.as_of) + &moment("known-at", self.known_at);
        let more = if self.open { " or more" } else { "" };
        format!("{question}, {}{more}", bounds(self.at_least, self.at_most))
    }

    /// Compares it with the same question asked again. `root` is this ledger's over as many records, where
    /// it ever had just so many.
    pub fn compare(&self, saying: &Saying, title: &str, root: Option<&str>, now: &Keyed) -> Again {
        let then: BTreeSet<&str> = self.keys.iter().map(String::as_str).collect();
        let found: BTreeSet<&str> = now.keys.iter().map(String::as_str).collect();
        let gone: Vec<&str> = self.keys.iter().map(String::as_str).filter(|key| !found.contains(key)).collect();
        let more: Vec<&str> = now.keys.iter().map(String::as_str).filter(|key| !then.contains(key)).collect();
        let (ledger, doubt) = self.asked_on(saying, root);
        let mut because: Vec<String> = doubt.into_iter().collect();
        let whole = self.count == self.keys.len() as u64;
        let (mut more_count, mut gone_count) = (more.len() as u64, gone.len() as u64);
        if !whole {
            // rows beyond the kept keys cannot be told from new ones; their number can
            let (now, then) = (now.keys.len() as u64 + gone_count, self.count);
            more_count = now.saturating_sub(then);
            gone_count += then.saturating_sub(now);
            because.push(format!(
                "the keys of {} of {} rows were kept: which rows beyond them are new cannot be told, only how many more \
                 or fewer there are",
                self.keys.len(),
                self.count
            ));
        }
        let listed = |keys: &[&str]| keys.iter().take(LISTED).map(|key| (*key).to_owned()).collect();
        let (then, now) = ((self.at_least, self.at_most), (now.completeness.at_least, now.completeness.at_most));
        Again {
            claim: saying.name.text.clone(),
            title: title.to_owned(),
            question: in_words(&self.question),
            at: saying.statement.said_at().unwrap_or(Time::from_seconds(0)),
            records: self.records,
            root: self.root.clone(),
            ledger: ledger.to_owned(),
            then,
            now,
            more: if whole { listed(&more) } else { Vec::new() },
            more_count,
            gone: listed(&gone),
            gone_count,
            says: outcome(more_count, gone_count, then, now),
            because,
        }
    }

    /// On which ledger it was asked, and what to say of that where it was not this one.
    fn asked_on(&self, saying: &Saying, root: Option<&str>) -> (&'static str, Option<String>) {
        let records = self.records;
        match root {
            Some(root) if root == self.root => ("this", None),
            _ if saying.name.source != INVESTIGATOR => {
                let says = "asked on another ledger: what is more or gone may never have been the same there";
                ("another", Some(says.to_owned()))
            }
            Some(_) => {
                let says = format!("the saved root does not match this log's over its first {records} records");
                ("unlike", Some(says))
            }
            None => {
                let says = format!("this log has no checkpoint over {records} records that the saved root could match");
                ("unlike", Some(says))
            }
        }
    }

    /// What to tell of one that cannot be asked again.
    pub fn unanswered(&self, saying: &Saying, title: &str, root: Option<&str>, why: &str) -> Again {
        let none = Keyed { keys: self.keys.clone(), completeness: Completeness::default() };
        Again { says: format!("cannot be asked again: {why}"), now: (0, 0), ..self.compare(saying, title, root, &none) }
    }
}

fn outcome(more: u64, gone: u64, then: (u64, u64), now: (u64, u64)) -> String {
    match (more, gone) {
        (0, 0) if then == now => "the same as then".to_owned(),
        (0, 0) => format!("the same rows; {} then, {} now", bounds(then.0, then.1), bounds(now.0, now.1)),
        (more, 0) => format!("{more} more since"),
        (0, gone) => format!("{gone} gone since"),
        (more, gone) => format!("{more} more since, {gone} gone"),
    }
}

fn bounds(at_least: u64, at_most: u64) -> String {
    if at_least == at_most { at_least.to_string() } else { format!("{at_least} to {at_most}") }
}

/// A question as a person would type it.
pub fn in_words(question: &Question) -> String {
    let mut words = Words(String::new());
    match question {
        Question::Find(it) => words.say("find").quoted(&it.query),
        Question::Show(it) => words.say("show").quoted(&it.id),
        Question::Tree(it) => {
            words.say("tree").quoted(&it.id).say(if it.direction == Direction::Up { "--up" } else { "--down" });
            words.say(&format!("--depth {}", it.depth)).all("--relation", &it.relations).all("--kind", &it.kinds);
            words.window(&it.window)
        }
        Question::Path(it) => words.say("path").quoted(&it.from).quoted(&it.to).window(&it.window),
        Question::Impact(it) => words.say("impact").each(&it.of).all("--kind", &it.kinds).window(&it.window),
        Question::Diff(it) => {
            words.say("diff").each(it.old.as_slice()).quoted(&it.new);
            if it.all { words.say("--all") } else { &mut words }
        }
        Question::LastGood(it) => words.say("last-good").quoted(&it.of),
        Question::Suspects(it) => {
            words.say("suspects").all("--bad", &it.bad).all("--good", &it.good).all("--kind", &it.kinds)
        }
        Question::Plan(it) => words.say("plan").each(&it.of).window(&it.window),
        Question::Timeline(it) => {
            words.say("timeline").quoted(&it.id).say(&format!("--depth {}", it.depth)).window(&it.window)
        }
        Question::Gaps(it) => words.say("gaps").each(it.of.as_slice()),
        Question::Gate(it) => words.say("gate").quoted(&it.of).all("--for", it.environment.as_slice()),
        Question::Chain(it) => words.say("chain").quoted(&it.id),
        Question::Controls(it) => words.say("controls").each(it.of.as_slice()).all("--for", it.about.as_slice()),
        Question::Drift(it) => words.say("drift").each(it.of.as_slice()),
        Question::Marks(it) => {
            words.say("marks").say(if it.retracted { "--all" } else { "" }).all("--case", it.case.as_slice())
        }
    };
    words.0
}

struct Words(String);

impl Words {
    fn say(&mut self, word: &str) -> &mut Words {
        if !self.0.is_empty() && !word.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(word);
        self
    }

    fn quoted(&mut self, text: &str) -> &mut Words {
        // what is printed as a command is pasted as one: nothing foreign in it may act in a shell
        self.say(&shell_word(text))
    }

    fn each(&mut self, texts: &[String]) -> &mut Words {
        texts.iter().for_each(|text| {
            self.quoted(text);
        });
        self
    }

    fn all(&mut self, option: &str, texts: &[String]) -> &mut Words {
        texts.iter().for_each(|text| {
            self.say(option).quoted(text);
        });
        self
    }

    fn window(&mut self, window: &Window) -> &mut Words {
        if let Some(since) = window.since {
            self.say(&format!("--since {since}"));
        }
        if let Some(until) = window.until {
            self.say(&format!("--until {until}"));
        }
        self
    }
}
