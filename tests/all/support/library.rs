//! The same questions asked of the library, without the command line. It knows the plain forms of
//! the questions only: those without options but `--up` and `--down`.

use lastgood::config::Home;
use lastgood::demo::NOW;
use lastgood::engine::{Clock, Engine, Resolved, Scope, View};
use lastgood::investigate::question::{
    Diff, Direction, Find, Impact, LastGood, Marks, Path, Plan, Show, Suspects, Timeline, Tree,
};
use lastgood::model::{Time, Window};
use lastgood::report::json;
use serde_json::Value;

fn one(view: &View<'_>, text: &str) -> Option<String> {
    match view.resolve(text) {
        Resolved::One(id) => Some(id),
        Resolved::Several { .. } | Resolved::None { .. } => None,
    }
}

/// The library's answer to a command as typed, in the envelope of `--json`; nothing for a command
/// that is no question in its plain form, or whose artefact is not one.
pub(crate) fn answer(ledger: &std::path::Path, words: &[String]) -> Option<Value> {
    let home = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Time::parse_stated(NOW).unwrap().0);
    let engine = Engine::open(&Home::below(home.path()), ledger, clock).unwrap();
    let view = engine.view(&Scope::default()).unwrap();
    let window = Window::default();
    let (question, arguments) = words.split_first()?;
    let (ways, arguments): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|word| ["--up", "--down"].contains(&word.as_str()));
    if arguments.iter().any(|word| word.starts_with('-')) {
        return None;
    }
    let head = view.head();
    let text = match (question.as_str(), arguments.as_slice()) {
        ("find", typed) => {
            let query = typed.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" ");
            json::answer("find", head, &view.find(&Find { query, limit: 50 }, None).unwrap())
        }
        ("show", [id]) => json::answer("show", head, &view.show(&Show { id: one(&view, id)? }).unwrap()),
        ("tree", [id]) => {
            let direction = if ways.iter().any(|way| *way == "--down") { Direction::Down } else { Direction::Up };
            let id = one(&view, id)?;
            let (relations, kinds) = (Vec::new(), Vec::new());
            let tree = Tree { id, direction, depth: 4, relations, kinds, window, limit: 500 };
            json::answer("tree", head, &view.tree(&tree).unwrap())
        }
        ("path", [from, to]) => {
            let path = Path { from: one(&view, from)?, to: one(&view, to)?, window };
            json::answer("path", head, &view.path(&path).unwrap())
        }
        ("impact", ids) if !ids.is_empty() => {
            let of = ids.iter().map(|id| one(&view, id)).collect::<Option<Vec<_>>>()?;
            let impact = Impact { of, window, kinds: Vec::new(), limit: 200 };
            json::answer("impact", head, &view.impact(&impact, None).unwrap())
        }
        ("diff", ids) if (1..=2).contains(&ids.len()) => {
            let ids = ids.iter().map(|id| one(&view, id)).collect::<Option<Vec<_>>>()?;
            let (new, old) = ids.split_last()?;
            let diff = Diff { old: old.first().cloned(), new: new.clone(), all: false, limit: 500 };
            json::answer("diff", head, &view.diff(&diff, None).ok()?)
        }
        ("last-good", [id]) => {
            json::answer("last-good", head, &view.last_good(&LastGood { of: one(&view, id)? }, None).unwrap())
        }
        ("plan", ids) => {
            let of = ids.iter().map(|id| one(&view, id)).collect::<Option<Vec<_>>>()?;
            json::answer("plan", head, &view.plan(&Plan { of, window, limit: 1_000 }, None, None).ok()?)
        }
        ("suspects", []) => {
            let suspects = Suspects { bad: Vec::new(), good: Vec::new(), kinds: Vec::new(), limit: 50 };
            json::answer("suspects", head, &view.suspects(&suspects, None).ok()?)
        }
        ("timeline", [id]) => {
            let timeline = Timeline { id: one(&view, id)?, depth: 1, window, limit: 200 };
            json::answer("timeline", head, &view.timeline(&timeline, None).unwrap())
        }
        ("marks", []) => json::answer("marks", head, &view.marks(&Marks::default()).unwrap()),
        _ => return None,
    };
    serde_json::from_str(&text).ok()
}
