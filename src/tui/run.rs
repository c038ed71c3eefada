//! The loop on a real terminal: take in everything that waits, draw once, wait again. No tick. It
//! decides nothing; the console does.

use crate::tui::console::{Console, Order, Setup};
use crate::tui::terminal::{self, Guard, TerminalError};
use crossterm::event::{Event, EventStream};
use futures_util::{FutureExt, StreamExt};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use rustix::event::{PollFd, PollFlags, poll};
use std::io::{self, Stdout};
use std::mem::ManuallyDrop;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;

type Screen = Terminal<CrosstermBackend<Stdout>>;

/// How often it is looked whether another process appended; only what did is drawn.
const LOOK: Duration = Duration::from_secs(1);

/// Why the console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Somebody left.
    Left,
    /// A signal, by its number: the process exits with 128 and this.
    Signal(i32),
    /// The terminal is gone.
    TerminalGone,
}

impl Ended {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Ended::Left => 0,
            Ended::Signal(number) => u8::try_from(128 + number).unwrap_or(255),
            Ended::TerminalGone => 129,
        }
    }
}

/// Runs the console until somebody leaves, on a runtime of its own.
///
/// # Errors
/// When there is no terminal, or it refuses to be one.
pub fn open(setup: Setup) -> Result<Ended, TerminalError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(run(setup));
    // Questions still under way hold nothing that must be finished.
    runtime.shutdown_background();
    ended
}

/// Runs the console until somebody leaves. Call it on a thread that may own the terminal, inside a
/// tokio runtime.
///
/// # Errors
/// When there is no terminal, or it refuses to be one.
pub async fn run(setup: Setup) -> Result<Ended, TerminalError> {
    let guard = Guard::enter()?;
    let mut signals = Signals::listen()?;
    // Never dropped: its drop prints to standard error when the terminal is gone, and that panics.
    // The guard shows the cursor again.
    let mut terminal = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(io::stdout()))?);
    let size = terminal.size()?;
    let mut console = Console::new(setup);
    console.watch(LOOK);
    console.event(Event::Resize(size.width, size.height));
    // Once it worked, a terminal that fails is a terminal that is gone.
    Ok(until_end(&mut console, &mut terminal, &guard, &mut signals).await.unwrap_or(Ended::TerminalGone))
}

async fn until_end(
    console: &mut Console,
    terminal: &mut Screen,
    guard: &Guard,
    signals: &mut Signals,
) -> io::Result<Ended> {
    let mut events = pump();
    let mut gone = watch_terminal();
    loop {
        if let Some(ended) = obey(console, terminal, guard, signals).await? {
            return Ok(ended);
        }
        frame(console, terminal)?;
        // Biased: a signal never waits behind a flood of answers or pasted keys.
        tokio::select! {
            biased;
            _ = &mut gone => return Ok(Ended::TerminalGone),
            caught = signals.next() => match caught {
                Caught::End(number) => return Ok(Ended::Signal(number)),
                Caught::Suspend => suspend(guard, terminal, signals).await?,
                Caught::Resumed => {
                    guard.retake()?;
                    redraw(terminal)?;
                }
            },
            event = events.recv() => match event {
                Some(event) => console.event(event),
                None => return Ok(Ended::TerminalGone),
            },
            msg = console.answer() => console.message(msg),
        }
        while let Ok(event) = events.try_recv() {
            console.event(event);
        }
        console.drain();
    }
}

/// Everything the terminal sends, in a queue that can be looked into without waiting. The stream
/// itself cannot: it remembers only the first waker it was polled with, so peeking loses wake-ups.
fn pump() -> UnboundedReceiver<Event> {
    let (send, events) = unbounded_channel();
    // Made only now that there is a terminal: without one it panics (crossterm #694).
    let mut stream = EventStream::new();
    // Detached: it ends with the stream, the console or the runtime.
    drop(tokio::spawn(async move {
        while let Some(Ok(event)) = stream.next().await {
            if send.send(event).is_err() {
                break;
            }
        }
    }));
    events
}

fn frame(console: &mut Console, terminal: &mut Screen) -> io::Result<()> {
    terminal::begin_frame()?;
    let drawn = terminal.draw(|frame| console.draw(frame)).map(|_| ());
    terminal::end_frame()?;
    drawn
}

/// Does what only the terminal can do.
async fn obey(
    console: &mut Console,
    terminal: &mut Screen,
    guard: &Guard,
    signals: &mut Signals,
) -> io::Result<Option<Ended>> {
    while let Some(order) = console.order() {
        match order {
            Order::Quit => return Ok(Some(Ended::Left)),
            Order::Redraw => redraw(terminal)?,
            Order::Suspend => suspend(guard, terminal, signals).await?,
            Order::Copy(text) => console.message(crate::tui::message::Msg::Notice(terminal::copy(&text))),
        }
    }
    Ok(None)
}

async fn suspend(guard: &Guard, terminal: &mut Screen, signals: &mut Signals) -> io::Result<()> {
    // An older "continue" must not be taken for the one that ends this stop.
    while signals.resume.recv().now_or_never().is_some() {}
    guard.stop()?;
    signals.resume.recv().await;
    guard.retake()?;
    redraw(terminal)?;
    Ok(())
}

/// Forgets what is on the screen, so that the next frame draws every cell. `Terminal::clear` would
/// ask the terminal where its cursor is and wait for an answer that the event stream eats.
fn redraw(terminal: &mut Screen) -> io::Result<()> {
    let size = terminal.size()?;
    terminal.resize(Rect::new(0, 0, size.width, size.height))
}

/// Resolves when the terminal at standard input hangs up. A thread of its own waits for it without
/// using any time; the event stream does not tell.
fn watch_terminal() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    let watch = move || {
        let stdin = io::stdin();
        loop {
            let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
            let hung_up = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
            match poll(&mut fds, None) {
                Ok(_) if fds[0].revents().intersects(hung_up) => break,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return std::thread::park(),
            }
        }
        // Nobody listens when the console has ended already, and then there is nothing to do.
        tell.send(()).unwrap_or_default();
    };
    // Detached: it ends with the terminal or the process.
    drop(std::thread::spawn(watch));
    told
}

enum Caught {
    End(i32),
    Suspend,
    Resumed,
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    stop: Signal,
    resume: Signal,
}

const SIGTSTP: i32 = rustix::process::Signal::TSTP.as_raw();
const SIGCONT: i32 = rustix::process::Signal::CONT.as_raw();

impl Signals {
    fn listen() -> io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: signal(SignalKind::from_raw(SIGTSTP))?,
            resume: signal(SignalKind::from_raw(SIGCONT))?,
        })
    }

    async fn next(&mut self) -> Caught {
        // A hang-up comes with a "continue": the end counts first.
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Caught::End(15),
            _ = self.hang_up.recv() => Caught::End(1),
            _ = self.interrupt.recv() => Caught::End(2),
            _ = self.quit.recv() => Caught::End(3),
            _ = self.stop.recv() => Caught::Suspend,
            _ = self.resume.recv() => Caught::Resumed,
        }
    }
}
