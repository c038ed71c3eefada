//! Drives the console in process: keys in, settled screens out. It waits for answers, never for
//! time.

use super::world::{World, now};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use lastgood::tui::ask::{Answerer, Ask, Heading, Sooner, Told};
use lastgood::tui::console::{Console, Order, Setup};
use lastgood::tui::keymap::Keymap;
use lastgood::tui::theme::Look;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex};
use tokio::runtime::Runtime;

/// The small world as an answerer that also says what the ledger's head is.
struct Asked(Arc<World>);

impl Answerer for Asked {
    fn answer(&self, ask: Ask, cancel: &Arc<AtomicBool>, _early: Sooner<'_>) -> Told {
        self.0.answer(ask, cancel)
    }

    fn heading(&self) -> Option<Heading> {
        Some(self.0.heading())
    }
}

/// A console, and the world that answers it: a small one made up by hand unless said otherwise.
pub(crate) struct Tui<W = Arc<World>> {
    pub(crate) console: Console,
    terminal: Terminal<TestBackend>,
    runtime: Option<Runtime>,
    pub(crate) world: W,
}

pub(crate) fn setup(world: &Arc<World>, answerer: Arc<dyn Answerer>) -> Setup {
    Setup {
        answerer,
        clock: Arc::new(now),
        heading: world.heading(),
        keymap: Arc::new(Keymap::default()),
        look: Look::default(),
        open: None,
        notice: None,
    }
}

impl<W> Drop for Tui<W> {
    /// A test that failed must not wait for a question that nobody lets go.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Tui {
    pub(crate) fn open(width: u16, height: u16) -> Tui {
        Tui::of(World::new(), width, height, |_| {})
    }

    pub(crate) fn of(world: World, width: u16, height: u16, change: impl FnOnce(&mut Setup)) -> Tui {
        let world = Arc::new(world);
        let asked = Arc::clone(&world);
        let mut setup = setup(&world, Arc::new(Asked(asked)));
        change(&mut setup);
        Tui::over(setup, world, width, height)
    }
}

impl<W> Tui<W> {
    /// Opens over anything that answers.
    pub(crate) fn over(setup: Setup, world: W, width: u16, height: u16) -> Tui<W> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let console = {
            let _inside = runtime.enter();
            Console::new(setup)
        };
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut tui = Tui { console, terminal, runtime: Some(runtime), world };
        tui.event(Event::Resize(width, height));
        tui.settle();
        tui
    }

    /// Without waiting: what is asked stays under way.
    pub(crate) fn event(&mut self, event: Event) {
        let _inside = self.runtime.as_ref().map(Runtime::enter);
        if let Event::Resize(width, height) = event {
            self.terminal.backend_mut().resize(width, height);
        }
        self.console.event(event);
    }

    pub(crate) fn settle(&mut self) -> &mut Self {
        let runtime = self.runtime.as_ref().expect("there until dropped");
        runtime.block_on(self.console.settle());
        self.draw();
        self
    }

    pub(crate) fn draw(&mut self) {
        let console = &mut self.console;
        self.terminal.draw(|frame| console.draw(frame)).unwrap();
    }

    pub(crate) fn press(&mut self, key: &str) {
        self.event(Event::Key(key_event(key)));
    }

    /// Presses keys given by name, separated by blanks, settling after each.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.press(key);
            self.settle();
        }
        self
    }

    /// Types a text, character by character.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.event(Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
            self.settle();
        }
        self
    }

    pub(crate) fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) -> &mut Self {
        self.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        self.settle()
    }

    /// Clicks the first place where this text stands.
    pub(crate) fn click(&mut self, text: &str) -> &mut Self {
        let (column, row) = self.find(text);
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row)
    }

    pub(crate) fn find(&self, text: &str) -> (u16, u16) {
        let screen = self.screen();
        let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap_or_else(|| {
            panic!("{text:?} is not on the screen:\n{screen}");
        });
        let column = line[..line.find(text).unwrap()].chars().count();
        (u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
    }

    pub(crate) fn buffer(&self) -> &Buffer {
        self.terminal.backend().buffer()
    }

    pub(crate) fn screen(&self) -> String {
        let buffer = self.buffer();
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let line: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) -> &mut Self {
        assert!(self.screen().contains(text), "{text:?} is not on the screen:\n{}", self.screen());
        self
    }

    #[track_caller]
    pub(crate) fn lacks(&mut self, text: &str) -> &mut Self {
        assert!(!self.screen().contains(text), "{text:?} is on the screen:\n{}", self.screen());
        self
    }

    /// Compares with `tests/screens/<name>.txt`; `UPDATE=1` writes it.
    #[track_caller]
    pub(crate) fn is_screen(&mut self, name: &str) -> &mut Self {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(format!("{name}.txt"));
        let screen = self.screen();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &screen).unwrap();
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(screen == wanted, "{name} differs (UPDATE=1 rewrites it)\n--- wanted\n{wanted}\n--- is\n{screen}");
        self
    }

    pub(crate) fn orders(&mut self) -> Vec<Order> {
        std::iter::from_fn(|| self.console.order()).collect()
    }
}

pub(crate) fn key_event(name: &str) -> KeyEvent {
    let (name, modifiers) = match name.strip_prefix("ctrl-") {
        Some(rest) => (rest, KeyModifiers::CONTROL),
        None => (name, KeyModifiers::NONE),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "f1" => KeyCode::F(1),
        other => KeyCode::Char(other.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

/// Holds answers back until they are let go, in any order, and tells that they were asked for.
#[derive(Default)]
pub(crate) struct Gate {
    open: Mutex<Vec<String>>,
    changed: Condvar,
}

impl Gate {
    pub(crate) fn wait(&self, query: &str) {
        let mut open = self.open.lock().unwrap();
        while !open.iter().any(|one| one == query) {
            open = self.changed.wait(open).unwrap();
        }
    }

    /// Says that it was asked, and waits until it is let go.
    pub(crate) fn hold(&self, query: &str) {
        self.asked(query);
        self.wait(query);
    }

    pub(crate) fn asked(&self, query: &str) {
        self.let_go(&format!("asked {query}"));
    }

    pub(crate) fn let_go(&self, query: &str) {
        self.open.lock().unwrap().push(query.to_owned());
        self.changed.notify_all();
    }
}
