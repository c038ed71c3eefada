//! Measures the console over a real engine, drawing into memory: how soon it is there, how soon a key
//! is seen, how soon a search answers. What a terminal needs to show a frame it cannot measure.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use crate::figure::{Bar, figure, held, middle, part, said, timed};
use crate::generate::Shape;
use crate::place::Place;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use lastgood::cli::console_setup;
use lastgood::engine::{Engine, Scope};
use lastgood::tui::console::Console;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Prints the figures.
pub(crate) fn run(shape: &Shape, place: &Place) {
    part("console");
    let ledger = place.full_ledger(shape);
    place.forget_index(&ledger);
    let engine = place.engine(&ledger);
    let building = timed(|| drop(engine.view(&Scope::default()).unwrap()));
    said("first question after the import: the index is built", building);
    drop(engine);
    reopen(place, &ledger);
    for (width, height) in [(80, 24), (160, 50)] {
        let mut open = Open::new(place.engine(&ledger), width, height);
        open.settle();
        keys(&mut open, shape, &format!("{width}x{height}, answers awaited"), Pace::Settled);
        let mut open = Open::new(place.engine(&ledger), width, height);
        keys(&mut open, shape, &format!("{width}x{height}, typed ahead"), Pace::Hurried);
    }
    finder(&mut Open::new(place.engine(&ledger), 80, 24));
    figure("peak memory of building the index from the ledger", place.peak_of("index of ledger"), "MB", Bar::None);
    figure("peak memory of an open console, the index mapped", place.peak_of("console"), "MB", Bar::None);
}

/// A part of it alone, in a process of its own.
pub(crate) fn child(shape: &Shape, place: &Place, part: &str) {
    let ledger = place.ledger();
    if part == "console" {
        let mut open = Open::new(place.engine(&ledger), 80, 24);
        open.settle();
        keys(&mut open, shape, "the child", Pace::Settled);
    } else {
        place.forget_index(&ledger);
        drop(place.engine(&ledger).view(&Scope::default()).unwrap());
    }
}

/// From nothing to frames.
fn reopen(place: &Place, ledger: &Path) {
    let (mut first, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        let begun = Instant::now();
        let mut open = Open::new(place.engine(ledger), 80, 24);
        first.push(begun.elapsed());
        open.settle();
        whole.push(begun.elapsed());
        assert!(open.screen().contains("deployment"), "{}", open.screen());
    }
    held("reopen to the first frame", middle(first), Bar::AtMost(100.0));
    held("reopen to the frame with the overview in it", middle(whole), Bar::AtMost(100.0));
}

/// A console over an engine, and a screen in memory.
struct Open {
    console: Console,
    terminal: Terminal<TestBackend>,
    runtime: Runtime,
}

impl Open {
    /// As the program does it, up to the first frame.
    fn new(engine: Engine, width: u16, height: u16) -> Open {
        engine.must_build(&Scope::default()).unwrap();
        let setup = console_setup(engine, Scope::default(), "person:bench".to_owned(), None).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let console = {
            let _inside = runtime.enter();
            Console::new(setup)
        };
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut open = Open { console, terminal, runtime };
        open.event(Event::Resize(width, height));
        open.draw();
        open
    }

    fn event(&mut self, event: Event) {
        let _inside = self.runtime.enter();
        self.console.event(event);
    }

    fn draw(&mut self) {
        let console = &mut self.console;
        self.terminal.draw(|frame| console.draw(frame)).unwrap();
    }

    /// Takes in what was answered meanwhile.
    fn drain(&mut self) {
        let _inside = self.runtime.enter();
        self.console.drain();
    }

    /// Takes in the next answer, drawing a frame after it; false when none is under way.
    fn next_answer(&mut self) -> Option<Duration> {
        if self.console.is_settled() {
            return None;
        }
        let msg = self.runtime.block_on(self.console.answer());
        Some(timed(|| {
            {
                let _inside = self.runtime.enter();
                self.console.message(msg);
            }
            self.draw();
        }))
    }

    fn settle(&mut self) {
        while self.next_answer().is_some() {}
    }

    fn screen(&self) -> String {
        self.terminal.backend().to_string()
    }
}

/// Whether each key waits for what the one before asked.
#[derive(Clone, Copy, PartialEq)]
enum Pace {
    Settled,
    Hurried,
}

/// One key: its name, or one letter that is typed.
fn key(name: &str) -> Event {
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backspace" => KeyCode::Backspace,
        "pgdn" => KeyCode::PageDown,
        "pgup" => KeyCode::PageUp,
        letter => KeyCode::Char(letter.chars().next().unwrap()),
    };
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// A few hundred keys: through the overview, the finder, up and down a tree, into a hub with many
/// dependents, through an impact that reaches nearly everything, and all panes and overlays.
fn script(shape: &Shape) -> Vec<String> {
    let mut hub = String::new();
    shape.id(0, &mut hub);
    let mut keys: Vec<String> = Vec::new();
    let mut press = |names: &str| keys.extend(names.split_whitespace().map(str::to_owned));
    let typed = |text: &str| text.chars().map(|letter| letter.to_string()).collect::<Vec<_>>().join(" ");
    press("j j k pgdn pgup G g /");
    press(&typed("fraud-scorer-004"));
    press("j j j k pgdn pgup enter");
    press(&"l j ".repeat(20));
    press("tab j j j k pgdn pgup tab t l j l j j l G g pgdn pgdn");
    press(&"j ".repeat(40));
    press("o j j f esc /");
    press(&typed(&hub));
    press("enter t l j l j l G enter G enter G g pgdn pgdn pgdn pgup");
    press(&"j ".repeat(30));
    press("i j j j pgdn pgdn pgdn G g enter esc 1 2 3 4 ] [ ] ] ? j j pgdn esc :");
    press(&typed("impact"));
    press("backspace backspace esc 2 w esc m tab tab esc 1");
    press(&"] ".repeat(12));
    press("/");
    press(&typed("e"));
    press("backspace");
    press(&typed("chargeback 0042"));
    press("pgdn pgdn j j enter");
    press(&"l l j ".repeat(15));
    keys
}

fn keys(open: &mut Open, shape: &Shape, how: &str, pace: Pace) {
    let (mut pressed, mut answered) = (Vec::new(), Vec::new());
    for name in script(shape) {
        let event = key(&name);
        if pace == Pace::Hurried {
            open.drain();
        }
        pressed.push(timed(|| {
            open.event(event);
            open.draw();
        }));
        while open.console.order().is_some() {}
        if pace == Pace::Settled {
            while let Some(time) = open.next_answer() {
                answered.push(time);
            }
        }
    }
    open.settle();
    spread(&format!("key to frame, {how}"), pressed);
    if pace == Pace::Settled {
        spread(&format!("answer to frame, {how}"), answered);
    }
}

/// Prints the middle, the 99th percentile and the longest.
fn spread(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!("{what}: {} times", times.len());
    said("  p50", at(0.5));
    held("  p99", at(0.99), Bar::AtMost(16.0));
    said("  longest", at(1.0));
}

/// From a key in the finder to the frame with a first page, and to the one with the whole answer.
fn finder(open: &mut Open) {
    open.settle();
    open.event(key("/"));
    for (query, letters) in [("e", "e"), ("fraud-s", "fraud-s"), ("kind:dataset 0042", "kind:dataset 0042")] {
        let (mut first, mut whole) = (Vec::new(), Vec::new());
        for letter in letters.chars() {
            let begun = Instant::now();
            open.event(Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
            open.draw();
            let mut page = None;
            while open.next_answer().is_some() {
                page.get_or_insert(begun.elapsed());
            }
            whole.push(begun.elapsed());
            first.extend(page);
        }
        println!("finder, \"{query}\" typed: {} keys, the slowest", whole.len());
        held("  to the first page", first.into_iter().max().unwrap_or_default(), Bar::AtMost(30.0));
        held("  to the whole answer", whole.into_iter().max().unwrap_or_default(), Bar::AtMost(100.0));
        for _ in letters.chars() {
            open.event(key("backspace"));
            open.settle();
        }
    }
}
